"""Two windows of a browser at one editor."""

from server import TREE


def two_windows(page, server):
    first = page.driver.current_window_handle
    # Of each time that the page asks for news: whether it was hidden.
    page.driver.execute_script("""
        window.asked = [];
        const real = window.fetch;
        window.fetch = (path, options) => {
          if (path.startsWith("/state")) asked.push(document.hidden);
          return real(path, options);
        };""")
    page.driver.switch_to.new_window("tab")
    page.driver.get(server.address)
    page.ready()
    second = page.driver.current_window_handle
    page.tool("brush")
    page.choose(TREE)
    page.after("the brush in the second window", lambda: page.drag([(200, 20), (215, 22)]))
    page.driver.switch_to.window(first)
    page.until("the first window to see it", lambda: page.colour(207, 21) == (107, 142, 35))
    page.ready()
    asked = page.run("asked")
    assert asked and not any(asked), "a window that nobody sees asks for news"
    assert page.run("document.body.dataset.connected") == "yes"
    page.after("undo in the first window", page.element("undo").click)
    page.driver.switch_to.window(second)
    page.until("the second window to see it", lambda: page.colour(207, 21) != (107, 142, 35))
    page.driver.close()
    page.driver.switch_to.window(first)
