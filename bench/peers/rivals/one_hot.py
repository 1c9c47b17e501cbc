"""What the networks see of a label map: a plane for each class, and one for the instances' boundaries."""
import numpy as np


class OneHot:
    """Makes float32 (1, classes + 1, height, width) of a job's maps, each time anew, in memory that is kept."""

    def __init__(self, job):
        self.label, self.instance = np.load(job.labels), np.load(job.instances)
        self.planes = np.zeros((1, job.classes + 1, *self.label.shape), np.float32)
        self.pixels = np.arange(self.label.size)

    def __call__(self):
        self.planes.fill(0)
        self.planes[0].reshape(len(self.planes[0]), -1)[self.label.ravel(), self.pixels] = 1
        edge, instance = self.planes[0, -1], self.instance
        across, down = instance[:, 1:] != instance[:, :-1], instance[1:] != instance[:-1]
        for part in (edge[:, 1:], edge[:, :-1]):
            part[across] = 1
        for part in (edge[1:], edge[:-1]):
            part[down] = 1
        return self.planes
