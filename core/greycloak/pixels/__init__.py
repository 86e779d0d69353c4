"""Identity in the pixels: where it may be. Nothing here changes a pixel yet."""

from greycloak.pixels.device_regions import Region, regions_of_device
from greycloak.pixels.risk import burned_in_risks

__all__ = ["Region", "burned_in_risks", "regions_of_device"]
