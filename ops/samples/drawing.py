"""Shapes, scenes and their words, in the forms that the bundled model was trained on (see its README)."""

import math

from PIL import Image, ImageDraw

COLORS = {
    "red": (220, 30, 30), "green": (20, 150, 50), "blue": (30, 70, 220), "yellow": (245, 210, 20),
    "orange": (245, 130, 20), "purple": (130, 40, 160), "black": (15, 15, 15), "pink": (245, 130, 180),
}
SHAPES = ("circle", "square", "triangle", "star")
STAR_INNER_RADIUS = 0.45


def named(color, shape):
    """'a red circle', 'an orange star'."""
    return f"{'an' if color[0] in 'aeiou' else 'a'} {color} {shape}"


def draw_shape(draw, color, shape, box):
    """Draws a shape into a square box (x0, y0, x1, y1) and returns the pixels that it covers as a box."""
    x0, y0, x1, y1 = box
    fill = COLORS[color]
    if shape == "circle":
        draw.ellipse((x0, y0, x1 - 1, y1 - 1), fill=fill)
    elif shape == "square":
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill=fill)
    elif shape == "triangle":
        draw.polygon(((x0 + x1) / 2, y0, x1 - 1, y1 - 1, x0, y1 - 1), fill=fill)
    else:
        cx, cy, radius = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2
        points = []
        for i in range(10):
            r = radius if i % 2 == 0 else radius * STAR_INNER_RADIUS
            angle = math.pi * (i / 5 - 0.5)
            points += [cx + r * math.cos(angle), cy + r * math.sin(angle)]
        draw.polygon(points, fill=fill)


def light_ground(random):
    """A light colour."""
    return tuple(random.randint(200, 255) for _ in range(3))


def draw_scene(size, ground, objects):
    """objects: [(color, shape, box)]."""
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    for color, shape, box in objects:
        draw_shape(draw, color, shape, box)
    return image


def third(value, whole):
    return min(2, int(3 * value / whole))


def place_words(box, size):
    """Where a box's centre lies, as the model says it."""
    column = third((box[0] + box[2]) / 2, size[0])
    row = third((box[1] + box[3]) / 2, size[1])
    rows, columns = ("top", "middle", "bottom"), ("left", "center", "right")
    return "center" if (row, column) == (1, 1) else f"{rows[row]} {columns[column]}"


def caption(objects, size):
    """The caption of a scene: objects by rows, then left to right."""
    ordered = sorted(objects, key=lambda o: (third((o[2][1] + o[2][3]) / 2, size[1]), (o[2][0] + o[2][2]) / 2))
    words = [f"{named(color, shape)} at the {place_words(box, size)}" for color, shape, box in ordered]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{text[0].upper()}{text[1:]}."
