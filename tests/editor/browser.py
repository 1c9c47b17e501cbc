#!/usr/bin/env python3
"""The editor as a person uses it, in headless Chromium: every tool by pointer and by keys, two windows, a server that is
killed and started again, another scene. What a step must not touch is compared byte by byte. Screenshots stay with the
artefacts."""

import argparse
import os
import struct
import sys
import tempfile
import time
import zlib

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from opening import another_scene
from page import WAIT, Page
from server import WIDTH, HEIGHT, CAR, PERSON, TREE, ROAD, Server
from strokes import strokes
from windows import two_windows


def write_png(path, width, height, pixel):
    """A picture of 8 bits, red, green, blue and opacity."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def object_of(maps, label):
    """A pixel in the middle of the largest object of a class, and all its pixels."""
    objects = {}
    for i, (l, number) in enumerate(zip(*maps)):
        if l == label and number >= 1000:
            objects.setdefault(number, []).append((i % WIDTH, i // WIDTH))
    pixels = max(objects.values(), key=len)
    return pixels[len(pixels) // 2], pixels


def near(pixels, line, radius):
    """Whether all pixels are within a radius of a line of points."""
    def distance(p, a, b):
        dx, dy = b[0] - a[0], b[1] - a[1]
        along = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy or 1)))
        return ((p[0] - a[0] - along * dx) ** 2 + (p[1] - a[1] - along * dy) ** 2) ** 0.5
    return all(min(distance(p, line[i], line[i + 1]) for i in range(len(line) - 1)) <= radius for p in pixels)


def by_pointer(page, server):
    start = server.maps()
    page.ready()
    page.shot("begin")

    # Brush.
    page.tool("brush")
    page.choose(TREE)
    page.run("(document.getElementById('size').value = 12)")
    line = [(60, 30), (80, 36), (100, 30)]
    pixels = page.after("the brush", lambda: page.drag(line))
    assert pixels and near(pixels, line, 8), "the brush painted elsewhere"
    after = server.maps()
    assert all(after[0][y * WIDTH + x] == TREE for x, y in pixels)
    assert page.colour(80, 36) == (107, 142, 35), "the page shows another colour than the map has"
    assert server.state()["undo"] == 1, "a stroke is one step of undo"
    page.shot("brush")

    # A new object, by polygon.
    page.choose(CAR)
    page.driver.find_element(By.CSS_SELECTOR, "input[value=new]").click()
    page.tool("polygon")

    def polygon():
        for corner in [(20, 90), (50, 90), (50, 110), (20, 110)]:
            page.click_at(*corner)
        page.chord(Keys.SHIFT, Keys.ENTER)

    pixels = page.after("the polygon", polygon)
    assert all(19 <= x <= 51 and 89 <= y <= 111 for x, y in pixels) and len(pixels) > 400
    numbers = {server.maps()[1][y * WIDTH + x] for x, y in pixels}
    assert len(numbers) == 1 and not numbers & set(start[1]) and min(numbers) // 1000 == CAR, numbers
    page.shot("polygon")

    # A new object, by the mask of a file: a transparent picture with a disc.
    disc = lambda x, y: (x - 10) ** 2 + (y - 8) ** 2 <= 49
    mask = os.path.join(server.folder, "disc.png")
    write_png(mask, 21, 17, lambda x, y: (0, 0, 0, 255 if disc(x, y) else 0))
    start_of_mask = server.maps()
    page.choose(CAR)  # the pointer leaves the map
    laid = page.after("the mask", lambda: page.element("mask-file").send_keys(mask))
    left, top = (WIDTH - 21 + 1) // 2, (HEIGHT - 17 + 1) // 2
    assert set(laid) <= {(left + x, top + y) for x in range(21) for y in range(17) if disc(x, y)}, "the mask lies elsewhere"
    numbers = {server.maps()[1][y * WIDTH + x] for x, y in laid}
    assert len(laid) > 100 and len(numbers) == 1 and not numbers & set(start_of_mask[1]), numbers
    page.until("the selection of what was laid on", lambda: page.run("selected !== null && selected.id") in numbers)
    page.shot("mask")
    page.after("undo", page.element("undo").click)
    assert server.maps() == start_of_mask

    # Relabel.
    page.pick(35, 100)
    page.shot("selected")
    page.choose(PERSON)
    relabelled = page.after("relabelling", page.element("relabel").click)
    assert sorted(relabelled) == sorted(pixels), "relabelling changed other pixels than the object's"
    assert {server.maps()[1][y * WIDTH + x] // 1000 for x, y in pixels} == {PERSON}

    # Move by dragging.
    (x, y), before = object_of(server.maps(), CAR)
    page.tool("select")
    moved = page.after("dragging", lambda: page.drag([(x, y), (x + 10, y - 3), (x + 24, y - 8)]))
    shifted = [(u + 24, v - 8) for u, v in before if u + 24 < WIDTH and v - 8 >= 0]
    assert set(moved) <= set(before) | set(shifted), "moving changed pixels beside both places"
    assert all(server.maps()[0][v * WIDTH + u] == CAR for u, v in shifted)
    page.shot("moved")

    # Styles.
    page.pick(x + 24, y - 8)
    page.until("three thumbnails", lambda: len(page.driver.find_elements(By.CSS_SELECTOR, "#styles img")) == 3)
    page.shot("styles")
    styles = lambda: page.driver.find_elements(By.CSS_SELECTOR, "#styles button")
    pictures = []
    for number in (0, 1):
        assert page.after("a style", lambda: styles()[number].click()) == [], "a style changed labels"
        pictures.append(server.ask("/picture"))
        page.until("the choice to be shown", lambda: styles()[number].get_attribute("aria-checked") == "true")
    assert pictures[0] != pictures[1], "a style changed nothing in the picture"

    # Duplicate and delete.
    pixels = page.after("duplicating", page.element("duplicate").click)
    assert pixels
    duplicated = server.maps()
    pixels = page.after("deleting", page.element("delete").click)
    assert pixels and CAR not in {server.maps()[0][v * WIDTH + u] for u, v in pixels}

    # What is impossible is said, and changes nothing.
    before = server.maps()
    page.tool("fill")
    page.choose(0)  # class 0 has no counted objects
    page.click_at(100, 100)
    page.until("the refusal", lambda: "sky has no counted objects" in page.complained())
    assert server.maps() == before
    page.shot("refused")
    page.driver.find_element(By.CSS_SELECTOR, "input[value=surface]").click()

    # Undo to the beginning, and all again.
    last = server.maps()
    while server.state()["undo"] > 0:
        page.after("undo", lambda: page.chord(Keys.CONTROL, "z")) if server.state()["undo"] % 3 == 0 else \
            page.after("undo", page.element("undo").click)
    assert server.maps() == start, "undo did not restore every byte"
    while server.state()["redo"] > 0:
        page.after("redo", page.element("redo").click)
    assert server.maps() == last and duplicated != last


def by_keys(page, server):
    """Nothing here touches the pointer."""
    page.element("map").send_keys("b")
    page.keys("/")
    page.keys("road", Keys.ENTER)
    assert page.run("document.activeElement.id") == "map"
    before = server.maps()
    page.keys(Keys.ENTER)  # the cursor appears in the middle
    x, y = page.run("[Math.floor(cursor.x), Math.floor(cursor.y)]")

    def stroke():
        page.keys(Keys.ENTER, Keys.ARROW_UP, Keys.ARROW_UP, *[Keys.ARROW_LEFT] * 9, Keys.ENTER)

    pixels = page.after("a stroke by keys", stroke)
    assert pixels and all(server.maps()[0][v * WIDTH + u] == ROAD for u, v in pixels)
    assert near(pixels, [(x, y), (x, y - 2), (x - 40, y - 2)], 40)
    assert "road" in page.element("map").get_attribute("aria-label"), "the place is not read out"

    page.keys("v", Keys.ENTER)
    page.until("the selection", lambda: page.run("selected !== null"))
    page.keys("p")
    page.keys(Keys.ENTER, *[Keys.ARROW_RIGHT] * 6, Keys.ENTER, *[Keys.ARROW_DOWN] * 6, Keys.ENTER)
    pixels = page.after("a polygon by keys", lambda: page.chord(Keys.SHIFT, Keys.ENTER))
    page.after("undo by keys", lambda: page.chord(Keys.CONTROL, "z"))

    (x, y), before = object_of(server.maps(), CAR)
    page.run("(Object.assign(cursor, {x: arguments[0] + .5, y: arguments[1] + .5, shown: true}))", x, y)
    page.keys("v", Keys.ENTER)
    page.until("the car", lambda: page.run("selected !== null && selected.label") == CAR)
    page.keys("m")
    steps = [Keys.ARROW_UP] * 3
    moved = page.after("moving by keys", lambda: page.keys(*steps, Keys.ENTER))
    assert moved
    page.until("the style by keys", lambda: page.run("selected !== null && selected.styles") == 3)
    page.after("a style by keys", lambda: page.keys("3"))
    assert page.element("phase").text == "The picture is ready", page.element("phase").text
    assert page.element("phase").get_attribute("aria-live") == "polite"
    page.keys("?")
    page.until("the help", lambda: page.run("document.getElementById('keys').open"))
    page.shot("keyboard_help")
    page.keys(Keys.ESCAPE)
    page.keys("c")
    page.keys(*[Keys.ARROW_RIGHT] * 12)
    page.shot("compare")
    page.element("map").send_keys("c", "e", "+", "+", "+")
    page.shot("zoomed_edges")
    page.element("map").send_keys("e", "0")


def reload_and_restart(page, server):
    page.after("a stroke", lambda: (page.tool("brush"), page.choose(TREE), page.drag([(150, 20), (160, 25)])))
    maps, undo = server.maps(), server.state()["undo"]
    page.chord(Keys.CONTROL, "s")
    page.until("the saving", lambda: "Saved" in page.element("phase").text)
    page.driver.refresh()
    page.until("the page", lambda: page.run("document.body.dataset.version") is not None)
    page.ready()
    assert server.maps() == maps and page.colour(155, 22) == (107, 142, 35)

    page.after("another stroke", lambda: (page.tool("brush"), page.choose(TREE), page.drag([(30, 20), (40, 25)])))
    maps, undo = server.maps(), server.state()["undo"]
    server.kill()
    page.until("the page to notice", lambda: "does not answer" in page.element("phase").text)
    page.shot("server_gone")
    server.start()
    page.until("the page to go on", lambda: page.run("document.body.dataset.connected") == "yes")
    page.ready()
    assert server.maps() == maps and server.state()["undo"] == undo, "a killed server lost something"
    page.after("undo after the restart", page.element("undo").click)
    page.shot("end")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tools", "artefacts", "chromium", "driver"):
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()
    os.makedirs(given.artefacts, exist_ok=True)
    for old in os.listdir(given.artefacts):
        os.remove(os.path.join(given.artefacts, old))
    options = Options()
    options.binary_location = given.chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1500,860",
                 "--force-device-scale-factor=1"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as folder:
        server = Server(given.tools, folder)
        driver = webdriver.Chrome(service=Service(given.driver), options=options)
        try:
            driver.set_script_timeout(WAIT)
            driver.get(server.address)
            page = Page(driver, server, given.artefacts)
            for step in (by_pointer, by_keys, two_windows, strokes, reload_and_restart, another_scene):
                begun = time.time()
                step(page, server)
                print("%s: passed in %.0f s" % (step.__name__, time.time() - begun), flush=True)
            complaints = page.complaints()
            assert not complaints, complaints
        finally:
            driver.quit()
            server.kill()
    print("screenshots: " + given.artefacts)


if __name__ == "__main__":
    sys.exit(main())
