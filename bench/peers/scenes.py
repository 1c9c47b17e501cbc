"""Invented label maps, instance maps and pictures to measure on."""
import numpy as np

CLASSES = 35


def street_map(width, height):
    """Sky, buildings, trees, road, cars and people: about as many and as large regions as in a photograph of a street."""
    random = np.random.default_rng(7)
    label = np.full((height, width), 23, np.uint8)
    instance = np.full((height, width), 23, np.int32)
    rows, columns = np.mgrid[0:height, 0:width]
    horizon = height * 45 // 100
    label[horizon:] = 8
    road = np.abs(columns - width / 2) < (rows - horizon) * 1.6
    label[road & (rows >= horizon)] = 7
    left = 0
    while left < width:
        right = left + int(random.integers(width // 24, width // 9))
        top = int(random.integers(height // 12, horizon - height // 12))
        label[top:horizon, left:right] = 11 if random.random() < 0.7 else 21
        left = right
    instance[:] = label
    for kind, number, tall in ((26, 9, 0.6), (24, 8, 2.6), (19, 6, 2.0)):
        for k in range(number):
            near = random.uniform(0.08, 0.9)
            size = int(height * 0.2 * near)
            y, x = int(horizon + (height - horizon) * near), int(random.integers(0, width))
            inside = ((columns - x) / size) ** 2 + ((rows - y + size * tall / 2) / (size * tall)) ** 2 < 0.25
            label[inside] = kind
            instance[inside] = kind * 1000 + k
    return label, instance


def noise_map(width, height):
    """A class drawn for each pixel by itself: no window of it is uniform."""
    label = np.random.default_rng(11).integers(0, CLASSES, (height, width), np.uint8)
    return label, label.astype(np.int32)


MAPS = {"street": street_map, "noise": noise_map}


def picture(label, seed=3):
    """A picture for a label map: each class in a colour of its own, and noise over it. uint8 (H, W, 3)."""
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (256, 3))[label] * 0.7 + random.integers(0, 70, (*label.shape, 3))
    return np.clip(colours, 0, 255).astype(np.uint8)
