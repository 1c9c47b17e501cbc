"""The editor's page in a browser, by what a person does: point, drag, press keys, wait until it is ready."""

import os

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from server import changed

WAIT = 600  # seconds until a step counts as stuck


class Page:
    def __init__(self, driver, server, artefacts):
        self.driver, self.server, self.artefacts, self.shots = driver, server, artefacts, 0

    def run(self, script, *arguments):
        return self.driver.execute_script("return " + script, *arguments)

    def element(self, name):
        return self.driver.find_element(By.ID, name)

    def until(self, what, condition):
        try:
            WebDriverWait(self.driver, WAIT, poll_frequency=0.05).until(lambda _: condition())
        except Exception as error:
            self.shot("stuck")
            raise AssertionError("waited in vain for: " + what) from error

    def ready(self):
        """The page shows the newest version, exactly rendered."""
        version = str(self.server.state()["version"])
        self.until("the exact picture of version " + version, lambda: self.run(
            "document.body.dataset.version === arguments[0] && document.body.dataset.ready === 'yes' && "
            "document.body.dataset.picture === arguments[0] && document.body.dataset.exact === '1'", version))

    def sent(self):
        """Strokes are sent in pieces, and edits one after the other."""
        self.until("the end of the strokes", lambda: self.run("strokes.size") == 0)
        self.driver.execute_async_script("queue.then(arguments[0])")

    def after(self, what, action):
        """Does something that must make a new version, waits for its picture, and returns the pixels that changed."""
        before, version = self.server.maps(), self.server.state()["version"]
        action()
        self.until("an edit by " + what, lambda: self.server.state()["version"] != version)
        self.sent()
        self.ready()
        return changed(before, self.server.maps())

    def shot(self, name):
        self.shots += 1
        self.driver.save_screenshot(os.path.join(self.artefacts, "%02d_%s.png" % (self.shots, name)))

    def at(self, x, y, canvas="map"):
        """The place of a pixel of the picture, from the middle of a canvas, where Selenium counts from."""
        left, top, width, height = self.run(
            "(c => [view.x + (arguments[1] + .5) * view.scale, view.y + (arguments[2] + .5) * view.scale, c.clientWidth, "
            "c.clientHeight])(document.getElementById(arguments[0]))", canvas, x, y)
        return round(left - width / 2), round(top - height / 2)

    def drag(self, points, canvas="map"):
        element, actions = self.element(canvas), ActionChains(self.driver, duration=60)
        actions.move_to_element_with_offset(element, *self.at(*points[0], canvas)).click_and_hold()
        for point in points[1:]:
            actions.move_to_element_with_offset(element, *self.at(*point, canvas))
        actions.release().perform()

    def click_at(self, x, y, canvas="map"):
        ActionChains(self.driver, duration=60).move_to_element_with_offset(
            self.element(canvas), *self.at(x, y, canvas)).click().perform()

    def keys(self, *keys):
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def chord(self, *keys):
        actions = ActionChains(self.driver)
        for key in keys[:-1]:
            actions.key_down(key)
        actions.send_keys(keys[-1])
        for key in keys[:-1]:
            actions.key_up(key)
        actions.perform()

    def tool(self, name):
        self.driver.find_element(By.CSS_SELECTOR, "[data-tool=%s]" % name).click()

    def choose(self, label):
        self.element("class-%d" % label).click()

    def colour(self, x, y):
        """Of the label map as the page has it."""
        return tuple(self.run("Array.from(mapImage.getContext('2d').getImageData(arguments[0], arguments[1], 1, 1).data)",
                              x, y)[:3])

    def complained(self):
        return self.run("complained")

    def pick(self, x, y):
        self.tool("select")
        self.click_at(x, y)
        self.until("the selection", lambda: self.run(
            "selected !== null && selected.label === valueAt(arguments[0], arguments[1]).label", x, y))

    def complaints(self):
        """What the console holds against the page: not refusals that are tested, nor that the server was killed."""
        expected = ("422", "ERR_CONNECTION", "ERR_SOCKET_NOT_CONNECTED", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE")
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and not any(words in entry["message"] for words in expected)]
