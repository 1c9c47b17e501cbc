#pragma once
/// Files that pages send and fetch.

#include <httplib.h>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include "answers.hpp"
#include "instances_fit.hpp"
#include "renderer.hpp"
#include "studio.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tools::edit {

inline constexpr std::size_t largest_upload = std::size_t{1} << 28;

/// Opens what was sent: maps as "labels" and, where the weights take instances, "instances", or a "project".
inline void open_files(const httplib::Request& request, Studio& studio, bool with_instances) {
  const auto bytes_of = [&](const char* name) { return request.get_file_value(name).content; };
  const auto view = [](const std::string& bytes) { return std::as_bytes(std::span(bytes.data(), bytes.size())); };
  if (request.has_file("project")) {
    static std::mutex one_at_a_time;  // they share the file's name
    const std::lock_guard lock(one_at_a_time);
    const std::string bytes = bytes_of("project");
    const std::filesystem::path file = studio.file().string() + ".opened";
    pix2pixhd::AtomicFile out(file);
    out.write(std::string_view(bytes));
    out.commit();
    try {
      studio.open_project(file);
    } catch (...) {
      std::filesystem::remove(file);
      throw;
    }
    std::filesystem::remove(file);
    return;
  }
  if (!request.has_file("labels")) throw MalformedRequest("Send a label map as \"labels\", or a \"project\".");
  const std::string labels = bytes_of("labels");
  pix2pixhd::Scene scene{.labels = to_labels(pix2pixhd::decode_png(view(labels), "The label map"), "The label map"),
                         .instances = {}};
  if (request.has_file("instances")) {
    const std::string instances = bytes_of("instances");
    scene.instances = to_instances(pix2pixhd::decode_png(view(instances), "The instance map"), "The instance map");
  }
  const std::string_view misfit = instances_misfit(scene, with_instances);
  pix2pixhd::detail::require(misfit.empty(), misfit,
                             with_instances ? "; choose both files together." : "; choose the label map alone.");
  pix2pixhd::detail::require(scene.labels.shape()[0] >= 16 && scene.labels.shape()[1] >= 16,
                             "The label map is smaller than 16x16 pixels.");
  studio.open(std::move(scene));
}

/// A file of the newest state, by its name at the end of the address.
inline void send_file(const httplib::Request& request, httplib::Response& response, Studio& studio,
                      const Renderer& renderer) {
  const std::string name = request.matches[1];
  std::vector<std::byte> bytes;
  std::string type = "image/png";
  if (name == "picture.png") {
    const auto picture = renderer.exact_picture();
    if (!picture || picture->version != studio.version())
      return refuse(response, 409, "The exact picture is not ready yet; wait until it is announced.");
    bytes = picture->bytes;
  } else if (name == "project.safetensors") {
    studio.save();
    std::ifstream in(studio.file(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto view = std::as_bytes(std::span(text.data(), text.size()));
    bytes.assign(view.begin(), view.end());
    type = "application/octet-stream";
  } else {
    const pix2pixhd::Scene scene = studio.snapshot().scene;
    pix2pixhd::detail::require(name == "labels.png" || scene.instances.has_value(), "There is no instance map.");
    bytes = name == "labels.png" ? pix2pixhd::encode_png(pix2pixhd::to_raster(scene.labels, name), name)
                                 : pix2pixhd::encode_png(pix2pixhd::to_raster(*scene.instances, name), name);
  }
  response.set_header("Content-Disposition", "attachment; filename=\"" + name + "\"");
  response.set_content(reinterpret_cast<const char*>(bytes.data()), bytes.size(), type);
}

}  // namespace tools::edit
