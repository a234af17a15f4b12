#include "models/aws/image_layers.h"

#include <algorithm>

#include "sim/core/text.h"

namespace plimsoll::aws {

ImageLayers read_image_layers(document::Fields& column, const Setting& setting) {
  ImageLayers out;
  std::vector<std::pair<std::string, Bytes>> known;
  for (const document::Item& app :
       column.map("imageLayers", "by app: layers that its image shares with others, with compressed sizes")) {
    const auto spec = std::find_if(setting.workloads.begin(), setting.workloads.end(),
                                   [&](const WorkloadSpec& w) { return w.name == app.name; });
    document::Fields f(app.node, column.reader(), app.path);
    f.allow_unknown();
    if (spec == setting.workloads.end()) {
      std::vector<std::string_view> names;
      for (const WorkloadSpec& w : setting.workloads) names.push_back(w.name);
      const std::string near = nearest(app.name, names);
      if (!f.describing())
        column.error("imageLayers", "no app '" + app.name + "'", near.empty() ? "" : "did you mean '" + near + "'?");
      continue;
    }
    ImageLayers::Image image{app.name, {}};
    Bytes sum{};
    for (const document::Entry& entry : app.node.entries()) {
      const std::string& key = entry.key;
      const auto size = document::read_value<Bytes>(entry.value, column.reader(), document::join_path(app.path, key),
                                                    "compressed size of the layer", {Bytes{}, gibibytes(1024)});
      if (!size) continue;
      const auto before = std::find_if(known.begin(), known.end(), [&](const auto& e) { return e.first == key; });
      if (before == known.end()) {
        known.emplace_back(key, *size);
      } else if (before->second != *size) {
        column.error("imageLayers",
                     "layer '" + key + "' has two sizes: " + to_string(before->second) + " and " + to_string(*size));
      }
      sum += *size;
      image.layers.emplace_back(key, *size);
    }
    if (sum > spec->image) {
      column.error("imageLayers", "the layers of " + app.name + " are larger (" + to_string(sum) +
                                      ") than its image (" + to_string(spec->image) + ")");
    }
    out.images.push_back(std::move(image));
  }
  return out;
}

NameId layer_name(const std::string& layer, Names& names) { return names.intern("layer " + layer); }

void split_image(const ImageLayers& layers, const std::string& app, Workload& workload, Names& names,
                 HostAgent& agent) {
  if (workload.images.empty()) return;
  for (const ImageLayers::Image& image : layers.images) {
    if (image.app != app) continue;
    for (const auto& [layer, size] : image.layers) {
      const NameId name = layer_name(layer, names);
      workload.images.front().second -= size;
      workload.images.emplace_back(name, size);
      agent.add_layer(name);
    }
  }
}

}  // namespace plimsoll::aws
