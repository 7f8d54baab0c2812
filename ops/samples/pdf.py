"""Writes a small PDF of text lines with one embedded font: real text that a reader can select, not pictures of it."""

import zlib

FONT_FLAGS_SYMBOLIC = 4


def write_pdf(path, font, font_name, pages):
    """pages: list of dicts with width, height (points, upright), rotate (0 or 90), paper (0..1), lines: [(x, baseline from the top, size, text)]."""
    used = {ord(c): font.glyph_of[ord(c)] for page in pages for (_, _, _, text) in page["lines"] for c in text}
    objects = [None, None]  # catalog and page tree are filled in last
    font_ref = _add_font(objects, font, font_name, used)
    kids = []
    for page in pages:
        content = _add_stream(objects, _content(page, used).encode("ascii"))
        box = (page["width"], page["height"]) if page["rotate"] == 0 else (page["height"], page["width"])
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box[0]} {box[1]}] /Rotate {page['rotate']} "
            f"/Resources << /Font << /F1 {font_ref} 0 R >> >> /Contents {content} 0 R >>".encode("ascii"))
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode("ascii")
    _write(path, objects)


def _content(page, used):
    """Drawing instructions. A page with /Rotate 90 is stored lying on its side: upright (u, v) is (height - v, u) on the sheet."""
    sheet = "" if page["rotate"] == 0 else f"0 1 -1 0 {page['height']} 0 cm "
    parts = [f"q {sheet}{page['paper']} g 0 0 {page['width']} {page['height']} re f 0.05 g BT"]
    for x, baseline, size, text in page["lines"]:
        glyphs = "".join(f"{used[ord(c)]:04X}" for c in text)
        parts.append(f"/F1 {size} Tf 1 0 0 1 {x} {page['height'] - baseline} Tm <{glyphs}> Tj")
    return "\n".join(parts) + "\nET Q"


def _add_font(objects, font, name, used):
    """A composite font whose codes are glyph numbers, with a map back to Unicode so that its text can be searched. Returns its number."""
    file_ref = _add_stream(objects, font.subset(used.values()), "/Length1 {length}")
    scale = 1000 / font.units_per_em
    bounds = " ".join(str(round(v * scale)) for v in font.bounds)
    objects.append(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags {FONT_FLAGS_SYMBOLIC} /FontBBox [{bounds}] /ItalicAngle 0 "
        f"/Ascent {round(font.ascent * scale)} /Descent {round(font.descent * scale)} /CapHeight 700 /StemV 80 /FontFile2 {file_ref} 0 R >>".encode("ascii"))
    descriptor = len(objects)
    widths = " ".join(f"{glyph} [{font.advance(glyph):.2f}]" for glyph in sorted(set(used.values())))
    objects.append(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /W [{widths}] /CIDToGIDMap /Identity >>".encode("ascii"))
    descendant = len(objects)
    pairs = "\n".join(f"<{glyph:04X}> <{code:04X}>" for code, glyph in sorted(used.items()))
    to_unicode = _add_stream(objects, (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(used)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end").encode("ascii"))
    objects.append(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>".encode("ascii"))
    return len(objects)


def _add_stream(objects, data, extra=""):
    packed = zlib.compress(data, 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode {extra.format(length=len(data))} >>\nstream\n".encode("ascii")
    objects.append(head + packed + b"\nendstream")
    return len(objects)


def _write(path, objects):
    out, offsets = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n"
    xref = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode("ascii")
    out += b"".join(f"{offset:010d} 00000 n \n".encode("ascii") for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n".encode("ascii")
    with open(path, "wb") as file:
        file.write(out)
