"""Identity in the pixels: where it may be. The engine changes no pixel yet; `worker` is what it is going to ask."""

from greycloak.pixels.device_regions import Region, regions_of_device
from greycloak.pixels.risk import burned_in_risks

__all__ = ["Region", "burned_in_risks", "regions_of_device"]
