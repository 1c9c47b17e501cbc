"""Strokes of the brush in a browser, where the network is slow, the picture ends or the server refuses: what the page shows
is what the scene has."""

from selenium.webdriver.common.by import By

from server import CAR, TREE, WIDTH


def answers_of_edits(page, script):
    """From now on `script` stands between the page and the answers to its edits; it may use `real`, which asks for one."""
    page.driver.execute_script("""
        window.realFetch = window.realFetch || window.fetch;
        window.fetch = (path, options) => {
          const real = () => realFetch(path, options);
          return path === "/edit" ? (%s)(real) : real();
        };""" % script)


def begin(page, label, kind="surface"):
    page.tool("brush")
    page.choose(label)
    page.run("(document.getElementById('size').value = 12)")
    page.driver.find_element(By.CSS_SELECTOR, "input[value=%s]" % kind).click()
    page.run("(complained = '')")


def check_same(page, server):
    """Waits until all is sent; then page and server must have the same labels, pixel by pixel."""
    page.sent()
    page.ready()
    shown, there = bytes(page.run("Array.from(scene.labels)")), server.maps()[0]
    differ = [(i % WIDTH, i // WIDTH) for i, (a, b) in enumerate(zip(shown, there)) if a != b]
    assert not differ, "the page shows other labels than the server has at %d pixels, as at %s" % (len(differ), differ[:5])
    return there


def label_at(labels, x, y):
    return labels[y * WIDTH + x]


def beside_the_picture(page, server):
    """Out of the picture, for several pieces, and in again."""
    begin(page, TREE)
    undo = server.state()["undo"]
    page.drag([(60, 100)] + [(62 + 6 * i, 155 + i % 2) for i in range(20)] + [(200, 110), (230, 90)])
    labels = check_same(page, server)
    assert label_at(labels, 60, 100) == label_at(labels, 230, 90) == TREE, "the stroke lacks an end"
    assert server.state()["undo"] == undo + 1
    assert page.complained() == "", page.complained()


def two_soon_after_each_other(page, server):
    begin(page, TREE)
    undo = server.state()["undo"]
    answers_of_edits(page, "async real => { await new Promise(done => setTimeout(done, 500)); return real(); }")
    page.drag([(20, 20), (40, 24), (60, 20)])
    page.drag([(100, 20), (120, 24), (140, 20)])
    labels = check_same(page, server)
    for x in (20, 60, 100, 140):
        assert label_at(labels, x, 20) == TREE, "a stroke lacks its part at %d" % x
    assert server.state()["undo"] == undo + 2

    begin(page, CAR, "new")
    page.click_at(30, 60)
    page.click_at(60, 60)
    check_same(page, server)
    number = lambda x: server.maps()[1][60 * WIDTH + x]
    first = number(30)
    assert first // 1000 == number(60) // 1000 == CAR and first != number(60), "two dabs became one object"
    page.element("undo").click()
    check_same(page, server)
    assert number(30) == first and server.state()["undo"] == undo + 3, "undo took both dabs"
    answers_of_edits(page, "real => real()")


def undone_at_once(page, server):
    """Undo, asked for before the end of a stroke was sent, takes all of the stroke."""
    begin(page, TREE)
    before = server.maps()
    answers_of_edits(page, "async real => { await new Promise(done => setTimeout(done, 500)); return real(); }")
    page.drag([(180, 20), (200, 24), (220, 20)])
    page.run("undo()")
    check_same(page, server)
    assert server.maps() == before, "a part of the stroke came after undo"
    answers_of_edits(page, "real => real()")


def with_others_between(page, server):
    """What is drawn on after undo, or after another window's edit, is a step of its own: undo leaves all before it."""
    begin(page, TREE)
    undo = server.state()["undo"]
    page.click_at(30, 90)
    before = check_same(page, server)
    done = lambda script: page.driver.execute_async_script(script + "; queue.then(arguments[0])")
    done("beginStroke(60, 90)")
    done("undo()")
    done("goOnStroke(120, 90); endStroke()")
    labels = check_same(page, server)
    assert label_at(before, 30, 90) == label_at(labels, 30, 90) == label_at(labels, 120, 90) == TREE
    assert server.state()["undo"] == undo + 2, "the stroke was joined to what was done before it"
    page.element("undo").click()
    assert check_same(page, server) == before, "undo took back what was done before the stroke"

    done("beginStroke(60, 90)")
    done("edit({kind: 'stroke', points: [200.5, 90.5], radius: 3, label: %d})" % CAR)  # as another window does
    done("goOnStroke(90, 90); flushStroke(stroke)")
    done("goOnStroke(120, 90); endStroke()")
    labels = check_same(page, server)
    assert server.state()["undo"] == undo + 4, "three steps: a piece, the other window's, and two pieces"
    page.element("undo").click()
    after = check_same(page, server)
    assert label_at(after, 200, 90) == CAR and label_at(after, 60, 90) == TREE, "undo took back the other window's edit"
    assert label_at(after, 120, 90) == label_at(before, 120, 90), "undo left a part of the stroke"


def refused(page, server):
    """The first piece of a stroke is refused, those after it are not."""
    begin(page, TREE)
    undo = server.state()["undo"]
    answers_of_edits(page, """async real => {
        if (window.refusedOne) return real();
        window.refusedOne = true;
        await new Promise(done => setTimeout(done, 500));
        return new Response('{"error": "This piece is refused."}', {status: 422});
      }""")
    page.drag([(20, 45), (60, 45), (100, 45), (140, 45)])
    labels = check_same(page, server)
    assert label_at(labels, 140, 45) == TREE and server.state()["undo"] == undo + 1
    assert page.complained() == "This piece is refused."
    answers_of_edits(page, "real => real()")


def strokes(page, server):
    for step in (beside_the_picture, two_soon_after_each_other, undone_at_once, with_others_between, refused):
        step(page, server)
    page.shot("strokes")
