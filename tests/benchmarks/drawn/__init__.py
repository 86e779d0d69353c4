"""Text drawn into real images, with what must be hidden as ground truth: the benchmark of pixels."""
