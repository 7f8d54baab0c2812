"""Cuts a TrueType font down to the glyphs that a text needs, for embedding in a PDF.

Glyph numbers are kept (the PDF refers to glyphs by number); the outlines and widths of all others become empty, which compresses to
nothing. Tables as in Microsoft's OpenType specification 1.9: head, hhea, maxp, hmtx, loca, glyf, cmap, and the hinting programs.
"""

import struct

KEPT_TABLES = (b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep")
COMPONENT_ARGS_ARE_WORDS = 0x0001
COMPONENT_HAS_SCALE = 0x0008
COMPONENT_MORE = 0x0020
COMPONENT_HAS_XY_SCALE = 0x0040
COMPONENT_HAS_MATRIX = 0x0080


class TrueTypeFont:
    """A font file, read once."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        count = struct.unpack_from(">H", self.data, 4)[0]
        self.tables = {}
        for i in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", self.data, 12 + 16 * i)
            self.tables[tag] = self.data[offset:offset + length]
        head, hhea = self.tables[b"head"], self.tables[b"hhea"]
        self.units_per_em = struct.unpack_from(">H", head, 18)[0]
        self.bounds = struct.unpack_from(">4h", head, 36)
        self.ascent, self.descent = struct.unpack_from(">2h", hhea, 4)
        self.num_metrics = struct.unpack_from(">H", hhea, 34)[0]
        self.num_glyphs = struct.unpack_from(">H", self.tables[b"maxp"], 4)[0]
        long_offsets = struct.unpack_from(">h", head, 50)[0] == 1
        loca = self.tables[b"loca"]
        if long_offsets:
            self.offsets = struct.unpack_from(f">{self.num_glyphs + 1}I", loca)
        else:
            self.offsets = [2 * o for o in struct.unpack_from(f">{self.num_glyphs + 1}H", loca)]
        self.glyph_of = self._read_cmap()

    def _read_cmap(self):
        """Unicode to glyph number, from the format 4 subtable of platform 3, encoding 1."""
        cmap = self.tables[b"cmap"]
        for i in range(struct.unpack_from(">H", cmap, 2)[0]):
            platform, encoding, at = struct.unpack_from(">HHI", cmap, 4 + 8 * i)
            if (platform, encoding) == (3, 1) and struct.unpack_from(">H", cmap, at)[0] == 4:
                break
        else:
            raise ValueError("font must have a format 4 Unicode map; found none")
        segments = struct.unpack_from(">H", cmap, at + 6)[0] // 2
        ends = struct.unpack_from(f">{segments}H", cmap, at + 14)
        starts = struct.unpack_from(f">{segments}H", cmap, at + 16 + 2 * segments)
        deltas = struct.unpack_from(f">{segments}H", cmap, at + 16 + 4 * segments)
        ranges_at = at + 16 + 6 * segments
        ranges = struct.unpack_from(f">{segments}H", cmap, ranges_at)
        glyphs = {}
        for i in range(segments):
            for code in range(starts[i], min(ends[i], 0xFFFE) + 1):
                glyph = code
                if ranges[i]:
                    glyph = struct.unpack_from(">H", cmap, ranges_at + 2 * i + ranges[i] + 2 * (code - starts[i]))[0]
                    if glyph == 0:
                        continue
                glyphs[code] = (glyph + deltas[i]) & 0xFFFF
        return glyphs

    def advance(self, glyph):
        """Width of a glyph in thousandths of the letter size."""
        metric = min(glyph, self.num_metrics - 1)
        return struct.unpack_from(">H", self.tables[b"hmtx"], 4 * metric)[0] * 1000 / self.units_per_em

    def _outline(self, glyph):
        return self.tables[b"glyf"][self.offsets[glyph]:self.offsets[glyph + 1]]

    def _with_components(self, glyphs):
        """The glyphs and those that they are composed of."""
        wanted, open_ = set(), [0, *glyphs]
        while open_:
            glyph = open_.pop()
            if glyph in wanted:
                continue
            wanted.add(glyph)
            outline = self._outline(glyph)
            if not outline or struct.unpack_from(">h", outline)[0] >= 0:
                continue
            at, flags = 10, COMPONENT_MORE
            while flags & COMPONENT_MORE:
                flags, component = struct.unpack_from(">HH", outline, at)
                open_.append(component)
                at += 8 if flags & COMPONENT_ARGS_ARE_WORDS else 6
                if flags & COMPONENT_HAS_SCALE:
                    at += 2
                elif flags & COMPONENT_HAS_XY_SCALE:
                    at += 4
                elif flags & COMPONENT_HAS_MATRIX:
                    at += 8
        return wanted

    def subset(self, glyphs):
        """A font file that holds only the outlines of the glyphs."""
        wanted = self._with_components(glyphs)
        glyf, loca = bytearray(), []
        metrics = bytearray(self.tables[b"hmtx"])
        for glyph in range(self.num_glyphs):
            loca.append(len(glyf))
            if glyph in wanted:
                outline = self._outline(glyph)
                glyf += outline + bytes(-len(outline) % 4)
            elif glyph < self.num_metrics:
                metrics[4 * glyph:4 * glyph + 4] = bytes(4)
        loca.append(len(glyf))
        head = bytearray(self.tables[b"head"])
        struct.pack_into(">h", head, 50, 1)
        replaced = {b"glyf": bytes(glyf), b"loca": struct.pack(f">{len(loca)}I", *loca), b"hmtx": bytes(metrics), b"head": bytes(head)}
        tables = [(tag, replaced.get(tag, self.tables[tag])) for tag in KEPT_TABLES if tag in self.tables]
        return _font_file(tables)


def _font_file(tables):
    """Directory and tables; checksums are written as required, the whole-file adjustment is left as it was (readers of PDFs ignore it)."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(">IHHHH", 0x00010000, count, 16 * power, power.bit_length() - 1, 16 * (count - power))
    body, at = b"", 12 + 16 * count
    for tag, data in tables:
        padded = data + bytes(-len(data) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, checksum, at + len(body), len(data))
        body += padded
    return directory + body
