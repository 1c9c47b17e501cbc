"""Opening other files on the editor's page."""

from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.ui import WebDriverWait

from page import WAIT
from server import TREE


def another_scene(page, server):
    """Where something was done, the page asks before it opens another scene."""
    page.after("a stroke", lambda: (page.tool("brush"), page.choose(TREE), page.drag([(150, 20), (160, 25)])))
    state, maps = server.state(), server.maps()

    def open_files(answer):
        page.element("files").send_keys(server.labels + "\n" + server.instances)
        question = WebDriverWait(page.driver, WAIT).until(alert_is_present())
        assert "to undo" in question.text and ".previous" in question.text, question.text
        answer(question)

    open_files(lambda question: question.dismiss())
    page.until("the files to be put back", lambda: page.run("document.getElementById('files').files.length") == 0)
    assert server.maps() == maps and server.state()["session"] == state["session"], "opened without consent"
    open_files(lambda question: question.accept())
    page.until("the other scene", lambda: server.state()["session"] != state["session"])
    page.ready()
    assert server.state()["undo"] == 0 and page.colour(155, 22) != (107, 142, 35)
    page.element("files").send_keys(server.labels + "\n" + server.instances)  # nothing was done: nothing is asked
    page.until("it again", lambda: server.state()["session"] == state["session"] + 2)
    page.ready()
