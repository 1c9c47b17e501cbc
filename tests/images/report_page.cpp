#include "html_check.hpp"
#include "made_files.hpp"

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/images/report_page.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pix2pixhd;

TEST_CASE("texts become HTML that says the same and nothing else") {
  CHECK(html_text("a < b && c > \"d\" 'e'") == "a &lt; b &amp;&amp; c &gt; &quot;d&quot; &#39;e&#39;");
  CHECK(html_text("Straße 道 \U0001F697") == "Straße 道 \U0001F697");
  CHECK(html_text(std::string_view("a\0b\x1b\x7f\nc", 7)) == "a?b??\nc");
  CHECK(html_text("\xff") == "?");
  CHECK(html_text("\xc3") == "?");                 // cut off
  CHECK(html_text("\xc0\xbc") == "??");            // "<" in a form that is too long
  CHECK(html_text("\xe0\x80\xbc") == "???");       // the same in three bytes
  CHECK(html_text("\xed\xa0\x80") == "???");       // half of a pair
  CHECK(html_text("\xf4\x90\x80\x80") == "????");  // beyond Unicode
  CHECK(html_text("\xe2\x82<") == "??&lt;");       // the bracket is not swallowed
}

TEST_CASE("links hold any file name") {
  CHECK(html_link("a_pictures/scene-1.png") == "a_pictures/scene-1.png");
  CHECK(html_link("a b\"#?%.png") == "a%20b%22%23%3F%25.png");
  CHECK(html_link("ß") == "%C3%9F");
}

TEST_CASE("numbers and times in few letters") {
  CHECK(fixed_text(3.14159, 2) == "3.14");
  CHECK(fixed_text(std::numeric_limits<double>::infinity(), 2) == "inf");
  CHECK(fixed_text(-std::numeric_limits<double>::infinity(), 2) == "-inf");
  CHECK(fixed_text(std::numeric_limits<double>::quiet_NaN(), 2) == "nan");
  CHECK(fixed_text(std::numeric_limits<double>::max(), 0).size() == 309);
  CHECK(brief_text(0) == "0");
  CHECK(brief_text(1.2345) == "1.23");
  CHECK(brief_text(-12.345) == "-12.3");
  CHECK(brief_text(0.0123) == "0.0123");
  CHECK(brief_text(1234) == "1234");
  CHECK(brief_text(12345) == "12.3k");
  CHECK(brief_text(4.56e6) == "4560k");
  CHECK(brief_text(45.6e6) == "45.6M");
  CHECK(brief_text(2e-4) == "2e-4");
  CHECK(brief_text(2.5e-7) == "2.5e-7");
  CHECK(exponent_text(9.99e-5) == "1e-4");
  CHECK(duration_text(0.4) == "0 s");
  CHECK(duration_text(59.6) == "1 min");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(4320) == "1 h 12 min");
  CHECK(duration_text(86400 * 2 + 3600 * 3 + 59) == "2 d 3 h");
  CHECK(duration_text(-1) == "unknown");
  CHECK(duration_text(std::numeric_limits<double>::quiet_NaN()) == "unknown");
  CHECK(count_text(123) == "123");
  CHECK(count_text(-1234567) == "-1\u202f234\u202f567");
}

TEST_CASE("a page is whole, in both colours, and asks for nothing") {
  const std::string page = html_page({.title = "<Title> & more", .body = "<p>body</p>"});
  html_check::check_page(page);
  CHECK(html_check::count(page, "<title>&lt;Title&gt; &amp; more</title>") == 1);
  CHECK(html_check::count(page, "prefers-color-scheme: dark") == 1);
  CHECK(html_check::count(page, "width=device-width") == 1);
  CHECK(html_check::count(page, "http-equiv") == 0);
  CHECK(html_check::count(html_page({.title = "a", .refresh_seconds = 7}), "http-equiv=\"refresh\" content=\"7\"") ==
        1);
}

TEST_CASE("tables") {
  CHECK(html_table({.title = "empty", .columns = {"a"}}).empty());
  const std::string table =
      html_table({.title = "<t>", .columns = {"", "x"}, .rows = {{"a&b", "1"}, {"c", "2"}}, .note = "n<"});
  html_check::check_page(table);
  CHECK(html_check::count(table, "<td>") == 4);
  CHECK(html_check::count(table, "a&amp;b") == 1);
  CHECK(html_check::count(table, "n&lt;") == 1);
  const std::string facts = html_facts({{"data", "/a/<b>"}, {"seed", "1"}});
  html_check::check_page(facts);
  CHECK(html_check::count(facts, "/a/&lt;b&gt;") == 1);
}

TEST_CASE("a page that cannot be written is named, and the one that was there stays") {
  const made::TemporaryFolder directory;
  write_page(directory / "page.html", {.title = "old"});
  CHECK(directory.count() == 1);
  CHECK_THROWS_AS(write_page(directory / "absent/page.html", {.title = "new"}), Error);
  CHECK(directory.count() == 1);
}
