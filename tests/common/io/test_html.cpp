// SPDX-License-Identifier: MIT
// Pages that hold everything they show.
#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/io/html.hpp"
#include "common/io/image.hpp"

using namespace cnn;
using namespace cnn::io;

BOOST_AUTO_TEST_SUITE(html)

namespace {

std::string base64_of(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What the script of a page is given.
std::string charts_in(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"charts\">";
  const std::size_t from = page.find(start) + start.size();
  return page.substr(from, page.find("</script>", from) - from);
}

}  // namespace

BOOST_AUTO_TEST_CASE(base64_is_that_of_the_standard) {  // RFC 4648, section 10
  BOOST_TEST(base64_of("") == "");
  BOOST_TEST(base64_of("f") == "Zg==");
  BOOST_TEST(base64_of("fo") == "Zm8=");
  BOOST_TEST(base64_of("foo") == "Zm9v");
  BOOST_TEST(base64_of("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64_of("\xfb\xff\xbe") == "+/++");
}

BOOST_AUTO_TEST_CASE(names_are_shown_as_they_are) {
  BOOST_TEST(escape_html("<b title=\"a\">'R&D'</b>") ==
             "&lt;b title=&quot;a&quot;&gt;&#39;R&amp;D&#39;&lt;/b&gt;");
  BOOST_TEST(escape_html("é 衣") == "é 衣");
}

BOOST_AUTO_TEST_CASE(a_picture_is_in_its_own_address) {
  const Tensor image = Tensor::from_values({2, 3}, std::vector<float>{0, 1, 0, 1, 0, 1});
  const std::string html = html_image(image, "a \"b\"");
  BOOST_TEST(html.starts_with("<img src=\"data:image/png;base64,iVBORw0KGgo"),
             html);  // what every PNG starts with
  BOOST_TEST(holds(html, "alt=\"a &quot;b&quot;\" width=\"3\" height=\"2\">"), html);
  BOOST_TEST(holds(html, base64(encode_png(image))));
}

BOOST_AUTO_TEST_CASE(a_table_names_its_rows_and_columns) {
  Table table({"class", "count"}, 1);
  table.add({"<x>", "3"});
  const std::string html = html_table(table, "What & how");
  BOOST_TEST(holds(html, "<th scope=\"col\" class=\"t\">class</th><th scope=\"col\">count</th>"), html);
  BOOST_TEST(holds(html, "<th scope=\"row\" class=\"t\">&lt;x&gt;</th><td>3</td>"), html);
  BOOST_TEST(holds(html, "<p class=\"note\">What &amp; how</p>"), html);
}

BOOST_AUTO_TEST_CASE(a_page_holds_its_charts_as_json) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Chart> charts{
      {.id = "loss",
       .title = "Loss",
       .digits = 4,
       .series = {{"</script><!--<script>", {1, 2}, {0.5, nothing}}, {"b\xff", {0.5}, {0.25}, false}}},
      {.id = "empty", .title = "Empty", .series = {{"c", {1}, {nothing}}}}};
  const std::string page = html_page("R&D", html_charts(charts) + "<p><!--=title--></p>", charts);
  const nlohmann::json json = nlohmann::json::parse(charts_in(page));
  BOOST_TEST_REQUIRE(json.size() == 1U);  // without numbers there is nothing to draw
  BOOST_TEST(json[0]["id"] == "loss");
  BOOST_TEST(json[0]["digits"] == 4);
  BOOST_TEST(json[0]["series"][0]["name"] == "</script><!--<script>");
  BOOST_TEST(json[0]["series"][0]["y"][0] == 0.5);
  BOOST_TEST(json[0]["series"][0]["y"][1].is_null());
  BOOST_TEST(json[0]["series"][1]["name"] == "b\xEF\xBF\xBD");
  BOOST_TEST(json[0]["series"][1]["marks"] == false);
  BOOST_TEST(holds(page, "<title>R&amp;D</title>"));
  BOOST_TEST(holds(page, "<h1>R&amp;D</h1>"));
  BOOST_TEST(holds(page, "<p><!--=title--></p>"));  // what is put in is left as it is
  BOOST_TEST(holds(page, "<div class=\"chart\" id=\"loss\">"));
  BOOST_TEST(!holds(page, "id=\"empty\""));
  BOOST_TEST(html_charts({charts[1]}).empty());
}

BOOST_AUTO_TEST_CASE(a_page_asks_for_no_other_file) {
  const std::string page = html_page("t", "", {});
  for (const char* part : {" src=", " href=", "@import", "url(", "fetch(", "@CNN_PAGE"})
    BOOST_TEST(!holds(page, part), part);
  BOOST_TEST(holds(page, "default-src 'none'"));
  BOOST_TEST(page.starts_with("<!DOCTYPE html>"));
  BOOST_TEST(page.ends_with("</html>\n"));
  BOOST_TEST(charts_in(page) == "[]");
}

BOOST_AUTO_TEST_SUITE_END()
