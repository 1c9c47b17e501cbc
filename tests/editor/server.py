"""The editor's server on an invented street: started, asked and killed, as the browser test needs it."""

import json
import os
import signal
import struct
import subprocess
import urllib.request

WIDTH, HEIGHT, CLASSES, FEATURES = 256, 128, 8, 3
CAR, PERSON, TREE, ROAD = 5, 6, 4, 1


def write_clusters(path):
    """Three styles for cars and two for people, as encode_features would find them."""
    centres = {CAR: [[1, -1, 0], [-1, 1, 1], [0, 0, -1]], PERSON: [[0.5, 0, 0], [0, -0.5, 1]]}
    entries, data = {}, b""

    def add(name, kind, shape, values):
        nonlocal data
        packed = struct.pack("<%d%s" % (len(values), {"F32": "f", "I64": "q"}[kind]), *values)
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed

    for label, styles in centres.items():
        add("class.%d.counts" % label, "I64", [len(styles)], [10] * len(styles))
    for label, styles in centres.items():
        add("class.%d.centres" % label, "F32", [len(styles), FEATURES], [v for style in styles for v in style])
        add("class.%d.mean" % label, "F32", [FEATURES], [0.0] * FEATURES)
    about = {"features": FEATURES, "classes": CLASSES, "id_rule": "thousands", "on": "instances", "min_area": 0.0,
             "by_class": {str(label): {"samples": 30, "left_out": 0, "styles": len(styles), "explained_variance": 0.9}
                          for label, styles in centres.items()}}
    entries["__metadata__"] = {"pix2pixhd.clusters": json.dumps(about)}
    header = json.dumps(entries).encode()
    header += b" " * (-(len(header) + 8) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


class Server:
    def __init__(self, tools, folder):
        self.folder, self.tool, self.port = folder, os.path.join(tools, "edit"), 0
        make = lambda tool, *words: subprocess.run([os.path.join(tools, tool), *words], check=True)
        self.labels, self.instances = os.path.join(folder, "street.png"), os.path.join(folder, "street_inst.png")
        self.weights, self.clusters = os.path.join(folder, "demo.safetensors"), os.path.join(folder, "styles.safetensors")
        make("street_scene", "--width", str(WIDTH), "--height", str(HEIGHT), "--seed", "5", "--labels", self.labels,
             "--instances", self.instances)
        make("random_weights", "--preset", "demo", "--channels", str(CLASSES + 1 + FEATURES), "--output", self.weights)
        write_clusters(self.clusters)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.tool, "--preset", "demo", "--weights", self.weights, "--labels", self.labels, "--instances",
             self.instances, "--clusters", self.clusters, "--classes", str(CLASSES), "--port", str(self.port)],
            stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:"), self.address
        self.port = int(self.address.split(":")[2].split("/")[0])
        self.token = self.address.split("token=")[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), headers={"X-Token": self.token})
        return urllib.request.urlopen(request).read()

    def maps(self):
        """Labels, ids."""
        data = self.ask("/maps?x=0&y=0&width=%d&height=%d" % (WIDTH, HEIGHT))
        count = WIDTH * HEIGHT
        return data[:count], struct.unpack("<%di" % count, data[count:])

    def state(self):
        return json.loads(self.ask("/state?after=0&seen=0"))


def changed(before, after):
    """The pixels whose label or id differs in two results of Server.maps()."""
    return [(i % WIDTH, i // WIDTH) for i in range(WIDTH * HEIGHT)
            if before[0][i] != after[0][i] or before[1][i] != after[1][i]]
