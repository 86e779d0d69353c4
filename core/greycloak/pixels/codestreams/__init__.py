"""Code streams of compressed frames: what they hold beside the image, emptied without decoding a pixel."""

from greycloak.pixels.codestreams.strip import Emptied, emptied, emptied_frame

__all__ = ["Emptied", "emptied", "emptied_frame"]
