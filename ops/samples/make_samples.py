#!/usr/bin/env python3
"""Draws the sample files and writes what was drawn, and so must be read (truth.json), and what is asked of each (manifest.jsonl).

The samples stay inside what the bundled model has learned (engine/models/qwen3vl-tiny/README.md), and the seeds below were chosen among others
because the model reads these well: they show that the path from file to database is right, not how often the model is. Its error rates over
samples that nobody chose are in its README.

Needs python3-pil, ffmpeg and the DejaVu and Liberation fonts (apt: python3-pil ffmpeg fonts-dejavu-core fonts-liberation). The committed files
are what counts; other versions of these programs may draw single pixels differently.

usage: make_samples.py [folder]
"""

import json
import os
import random
import subprocess
import sys

from PIL import Image, ImageDraw, ImageFont

import drawing
from pdf import write_pdf
from truetype import TrueTypeFont

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LIBERATION = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"

PAGE_SIZE = (448, 320)
LINE_HEIGHT = 32

# One entry a page: seed of layout, lines. The page that is stored lying on its side shows that rotation is undone.
ROTATED_PAGE = 4
PAGES = [
    (101, ["Annual report", "Total orders 18141", "Net price $3625.51", "Market growth 15%", "Status: complete", "Next review 14:30"]),
    (211, ["Travel plan", "Depart 07:15 platform 4", "Arrive 10:48 central", "Hotel booking UW-9784", "Return on Friday"]),
    (202, ["Weather station", "Morning 08:28 light rain", "Evening 22:33 clear", "Wind from the north", "Snow on the mountain"]),
    (115, ["Invoice UW-9784", "Customer number 18141", "Service charge $361.75", "Total amount $752.50", "Please pay in March"]),
    (406, ["Library notice", "Open from 09:00 to 18:30", "Closed on Sunday", "Please return books", "before the date shown."]),
    (107, ["Contract summary", "Both parties agree", "to the price of $7522.50", "Signed by the director", "Date 2026-04-21"]),
    (413, ["Server status", "Memory usage 82%", "Network traffic 14%", "Last backup 23:45", "All systems running", "No errors found"]),
]
NOTE = (1, LIBERATION, ["Shopping list", "Bread and butter", "Total $17.25"])
SCENE_SEED = 6
SHAPES_SEED = 14
CLIP_SEED = 10
CLIP_SIZE = (160, 96)
CLIP_RATE = 10
# A centre nearer to the border of a third than this part of a third has no clear place in words.
CLEAR_OF_THIRDS = 0.18
# Cuts in seconds. Windows of 10 s with 2 s of overlap begin at 0, 7 and 14: 7..11 is seen by two windows, and no part is summarised twice.
CLIP_CUTS = [0, 4, 7, 11, 14, 18, 21, 24]


def page(seed, lines, rotate=0):
    rng = random.Random(seed)
    size = rng.choice([20, 21, 22])
    paper = round(rng.uniform(0.95, 1.0), 2)
    first_row = rng.choice([0, 1]) if len(lines) < 9 else 0
    placed, row = [], first_row
    for text in lines:
        placed.append((rng.randint(4, 40), LINE_HEIGHT * row + 23, size, text))
        row += 1
    return {"width": PAGE_SIZE[0], "height": PAGE_SIZE[1], "rotate": rotate, "paper": paper, "lines": placed}


def make_report(folder):
    drawn = [page(seed, lines, 90 if number == ROTATED_PAGE else 0) for number, (seed, lines) in enumerate(PAGES, 1)]
    write_pdf(os.path.join(folder, "report.pdf"), TrueTypeFont(DEJAVU), "DejaVuSans", drawn)
    return {"pages": ["\n".join(lines) for _, lines in PAGES]}


def make_note(folder):
    seed, font_file, lines = NOTE
    rng = random.Random(seed)
    size = rng.choice([20, 21, 22, 23])
    font = ImageFont.truetype(font_file, size)
    image = Image.new("RGB", (320, 192), (rng.randint(242, 254),) * 3)
    draw = ImageDraw.Draw(image)
    boxes, row = [], rng.choice([0, 1])
    for text in lines:
        # Every line lies in one row of the model's 32-pixel cells. Its box runs from the top of capitals to the foot of descenders.
        x = rng.randint(6, 40)
        _, top, _, bottom = draw.textbbox((0, 0), "Ag", font=font)
        y = LINE_HEIGHT * row + (LINE_HEIGHT - (bottom - top)) // 2 - top
        draw.text((x, y), text, font=font, fill=(20, 20, 20))
        left, _, right, _ = draw.textbbox((x, y), text, font=font)
        boxes.append({"label": text, "x0": left, "y0": y + top, "x1": right, "y1": y + bottom})
        row += 1
    image.save(os.path.join(folder, "note.jpg"), quality=95, subsampling=0)
    return {"spotting": boxes}


def scatter(rng, size, count, grid):
    """Objects of different looks whose boxes do not touch and whose centres are clear of the borders between thirds."""
    objects = []
    looks = rng.sample([(c, s) for c in drawing.COLORS for s in drawing.SHAPES], count)
    while len(objects) < count:
        side = grid * rng.randint(max(2, 32 // grid), 64 // grid)
        x = grid * rng.randint(0, (size[0] - side) // grid)
        y = grid * rng.randint(0, (size[1] - side) // grid)
        box = (x, y, x + side, y + side)
        centers = ((x + side / 2, size[0]), (y + side / 2, size[1]))
        clear = all(CLEAR_OF_THIRDS < (3 * c / whole) % 1 < 1 - CLEAR_OF_THIRDS for c, whole in centers)
        apart = all(x + side + 8 <= b[0] or b[2] + 8 <= x or y + side + 8 <= b[1] or b[3] + 8 <= y for _, _, b in objects)
        if clear and apart:
            objects.append((*looks[len(objects)], box))
    return objects


def make_scene(folder):
    rng = random.Random(SCENE_SEED)
    size = (320, 192)
    objects = scatter(rng, size, 3, 16)
    drawing.draw_scene(size, drawing.light_ground(rng), objects).save(os.path.join(folder, "scene.png"), optimize=True)
    return {"caption": drawing.caption(objects, size)}


def make_shapes(folder):
    rng = random.Random(SHAPES_SEED)
    size = (256, 192)
    objects = scatter(rng, size, 3, 16)
    drawing.draw_scene(size, drawing.light_ground(rng), objects).save(os.path.join(folder, "shapes.png"), optimize=True)
    boxes = [{"label": f"{color} {shape}", "x0": b[0], "y0": b[1], "x1": b[2], "y1": b[3]} for color, shape, b in objects]
    return {"grounding": boxes}


def make_clip(folder):
    rng = random.Random(CLIP_SEED)
    spans = list(zip(CLIP_CUTS, CLIP_CUTS[1:]))
    looks = rng.sample([(c, s) for c in drawing.COLORS for s in drawing.SHAPES], len(spans))
    events, shown, frames = [], [], bytearray()
    for (start, end), (color, shape) in zip(spans, looks):
        side = rng.randint(38, 62)
        moves = rng.random() < 0.5
        room = CLIP_SIZE[0] - side
        x0, x1 = (0, room) if moves else (rng.randint(0, room),) * 2
        if moves and rng.random() < 0.5:
            x0, x1 = x1, x0
        y = rng.randint(0, CLIP_SIZE[1] - side)
        ground = drawing.light_ground(rng)
        steps = (end - start) * CLIP_RATE
        for step in range(steps):
            x = round(x0 + (x1 - x0) * step / (steps - 1))
            frames += drawing.draw_scene(CLIP_SIZE, ground, [(color, shape, (x, y, x + side, y + side))]).tobytes()
        words = "moves across the screen" if moves else "stays still"
        article = drawing.named(color, shape)
        events.append({"start": start, "end": end, "text": f"{article[0].upper()}{article[1:]} {words}."})
        shown.append(article)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{CLIP_SIZE[0]}x{CLIP_SIZE[1]}", "-r", str(CLIP_RATE), "-i", "-",
         "-c:v", "libx264", "-preset", "slow", "-crf", "14", "-pix_fmt", "yuv420p", "-g", "50", "-bitexact", "-movflags", "+faststart",
         os.path.join(folder, "clip.mp4")],
        input=bytes(frames), check=True)
    return {"events": events, "summary": f"The video shows {', then '.join(shown)}."}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    truth = {
        "report.pdf": make_report(folder),
        "note.jpg": make_note(folder),
        "scene.png": make_scene(folder),
        "shapes.png": make_shapes(folder),
        "clip.mp4": make_clip(folder),
    }
    tasks = {
        "report.pdf": [{"kind": "ocr"}],
        "note.jpg": [{"kind": "spotting"}],
        "scene.png": [{"kind": "caption"}],
        "shapes.png": [{"kind": "grounding", "labels": [box["label"] for box in truth["shapes.png"]["grounding"]]}],
        "clip.mp4": [{"kind": "caption"}, {"kind": "events"}, {"kind": "summary"}],
    }
    with open(os.path.join(folder, "manifest.jsonl"), "w", encoding="utf-8") as file:
        for name, asked in tasks.items():
            file.write(json.dumps({"source": {"uri": name}, "tasks": asked}, separators=(",", ":")) + "\n")
    with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
