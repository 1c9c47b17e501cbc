#pragma once
/// What people are told of pictures in several styles: how much they differ, and a page of them.

#include <pix2pixhd/images/gallery.hpp>
#include <pix2pixhd/images/report_pictures.hpp>
#include <pix2pixhd/training/metrics_diversity.hpp>

#include "../figures.hpp"
#include "../matching.hpp"
#include "../pictures.hpp"
#include "styles.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace tools::synthesize {

class StyleReport {
 public:
  /// `page` may be empty: there is none then.
  StyleReport(int classes, fs::path page) : diversity_(classes), page_(std::move(page)) {}

  /// How many of a scene's pictures are of interest, the first ones: they are held until the last of them is made.
  int takes(int pictures) const {
    return pictures > 1 ? std::min(pictures, most_pictures) : !page_.empty() && scenes_.size() < 24 ? 1 : 0;
  }
  /// The pictures of one scene. Those of the first 24 scenes are shown.
  void add(const Job& job, const SceneMaps& maps, const std::vector<pix2pixhd::ImageArray>& pictures) {
    using namespace pix2pixhd;
    if (pictures.size() > 1) diversity_.add(batch_of_one(maps.labels), pictures);
    if (page_.empty() || scenes_.size() == 24) return;
    const auto shown = [&](const ImageArray& image) { return page_image(image, page_width_); };
    const ImageArray coloured = colorize(maps.labels, palette_for(diversity_.classes()), no_class, job.input.string());
    GalleryScene scene{
        .caption = job.input.stem().string(), .label = shown(coloured), .synthesised = shown(pictures.front())};
    for (std::size_t i = 1; i < pictures.size(); ++i)
      scene.more.push_back({detail::sentence("style ", i + 1), shown(pictures[i])});
    scenes_.push_back(std::move(scene));
  }

  /// Says on stderr how much pictures of one map differ, and writes the page.
  void finish() const {
    using namespace pix2pixhd;
    ReportTable table{.columns = {"", "difference of two pictures of a map, in levels of 0 to 255"}};
    if (diversity_.all()) {
      for (int label = 0; label < diversity_.classes(); ++label)
        if (const auto difference = diversity_.of_class(label))
          table.rows.push_back({detail::sentence("class ", label), number_text(difference, 2)});
      table.rows.push_back({"all", number_text(diversity_.all(), 2)});
      std::cerr << "diversity (mean difference of two pictures of a map, in levels of 0 to 255):\n";
      for (const auto& row : table.rows) std::cerr << "  " << row[0] << ": " << row[1] << '\n';
    }
    if (page_.empty()) return;
    write_gallery(page_, {.title = "Synthesised pictures",
                          .figures = table.rows.empty() ? ReportTable{} : table,
                          .scenes = scenes_,
                          .width = page_width_});
    std::cerr << page_.string() << ": " << scenes_.size() << " scenes\n";
  }

 private:
  static constexpr int most_pictures = 16, page_width_ = 1024;

  pix2pixhd::Diversity diversity_;
  fs::path page_;
  std::vector<pix2pixhd::GalleryScene> scenes_;
};

}  // namespace tools::synthesize
