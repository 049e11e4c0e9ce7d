"""Small pictures in every format that is accepted, and in some that are not."""

import base64
import struct
import zlib

# Each of the three is 24 by 12 pixels.
WIDTH, HEIGHT = 24, 12
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCN"
    "l4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAAR"
    "CAAMABgDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEG"
    "E1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWG"
    "h4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEB"
    "AQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYk"
    "NOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0"
    "tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDOp8femU+PvXfi/wCDL+upng/48fn+Q+ii"
    "ivDPfP/Z"
)
GIF = base64.b64decode(
    "R0lGODdhGAAMAIEAAMg8KB5ayAAAAAAAACwAAAAAGAAMAAAINgADCBxIUCCAgwgTHizIMIDChwAaFoSoUCJBigktDsSIUKNBjhE9ggypcaRH"
    "hyBPmhSZkiXHgAA7"
)
WEBP = base64.b64decode(
    "UklGRlIAAABXRUJQVlA4IEYAAADwAwCdASoYAAwAPtFUo0uoJKMhsAgBABoJQBOmUI4EKAq//cAAOYoAAP7nyUnhb/UuYYrmnnCHf0UeNIPX"
    "1xM43UGKhQAA"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
BMP = b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\x00\x00\xff\x00"

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def png(width: int = WIDTH, height: int = HEIGHT, colour: bytes = b"\x1e\x5a\xc8") -> bytes:
    """A PNG of one colour."""
    return png_claiming(width, height, (b"\x00" + colour * width) * height)


def png_claiming(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG whose header gives a size that its pixels need not have."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return _PNG_MAGIC + b"".join(_chunk(kind, data) for kind, data in chunks)


def media_type(data: bytes) -> str:
    """The type that the first bytes say."""
    if data.startswith(_PNG_MAGIC):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"GIF8"):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError(f"no picture: {data[:16]!r}")


def size(data: bytes) -> tuple:
    """Width and height in pixels."""
    return {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/gif": _gif_size, "image/webp": _webp_size}[
        media_type(data)
    ](data)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_size(data: bytes) -> tuple:
    return struct.unpack(">II", data[16:24])


def _gif_size(data: bytes) -> tuple:
    return struct.unpack("<HH", data[6:10])


def _jpeg_size(data: bytes) -> tuple:
    at = 2
    while True:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        # A start of frame: all of C0 to CF but the tables C4, C8 and CC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length


def _webp_size(data: bytes) -> tuple:
    kind, body = data[12:16], data[20:]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack("<I", body[1:5])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
