#!/usr/bin/env python3
"""Writes clusters.safetensors: features of a few kinds, and the inertia that scikit-learn's k-means reaches on them.

    pip install scikit-learn safetensors numpy
    python3 make_clusters.py

For each case NAME: NAME/features [n, dimensions]; NAME/clusters [k, ...], the numbers of clusters that were asked for;
NAME/inertia, as many values of sklearn.cluster.KMeans(n_clusters=k, n_init=10, random_state=0).inertia_; NAME/total, the
sum of squared distances to the mean. The features lie in (-1, 1), as the encoder's do.
"""
import os

import numpy
import sklearn
from safetensors.numpy import save_file
from sklearn.cluster import KMeans

CLUSTERS = (1, 2, 5, 10)


def cases(random):
    centres = random.uniform(-1.5, 1.5, (7, 3))
    yield "blobs", numpy.tanh(centres[random.integers(0, 7, 500)] + random.normal(0, 0.15, (500, 3)))
    yield "uniform", random.uniform(-1, 1, (300, 3))
    sizes = random.choice(4, 400, p=(0.85, 0.1, 0.04, 0.01))
    yield "uneven", numpy.tanh(random.uniform(-2, 2, (4, 8))[sizes] + random.normal(0, 0.1, (400, 8)))
    yield "line", numpy.tanh(random.exponential(1.0, (200, 1)) - 1)
    yield "few", random.uniform(-1, 1, (12, 3))
    yield "repeated", numpy.repeat(random.uniform(-1, 1, (11, 2)), 20, axis=0)


def main():
    arrays = {}
    for name, features in cases(numpy.random.default_rng(7)):
        features = features.astype(numpy.float32)
        double = features.astype(numpy.float64)
        runs = [KMeans(n_clusters=k, n_init=10, random_state=0).fit(double).inertia_ for k in CLUSTERS]
        arrays[name + "/features"] = features
        arrays[name + "/clusters"] = numpy.array(CLUSTERS, numpy.int64)
        arrays[name + "/inertia"] = numpy.array(runs)
        arrays[name + "/total"] = numpy.array(((double - double.mean(0)) ** 2).sum())
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clusters.safetensors")
    save_file(arrays, path, {"scikit-learn": sklearn.__version__})


if __name__ == "__main__":
    main()
