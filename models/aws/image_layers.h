#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/cluster/host_agent.h"
#include "sim/policy/platform.h"

namespace plimsoll::aws {

/// Layers that images have in common: a host pulls each once, whichever image brings it. What an image holds beside
/// them is its own and new with every revision. SOURCE: OCI image specification (layers are addressed by their
/// content); containerd and Docker keep and share them.
struct ImageLayers {
  struct Image {
    std::string app;
    std::vector<std::pair<std::string, Bytes>> layers;
  };
  std::vector<Image> images;
};

/// Reads `imageLayers: {web: {debian-12: 50MB, jre-21: 90MB}, api: {debian-12: 50MB}}` of a column. Errors: an app that
/// is not there, layers larger than the image, one layer of two sizes.
ImageLayers read_image_layers(document::Fields& column, const Setting& setting);

/// The name by which hosts know a layer.
NameId layer_name(const std::string& layer, Names& names);

/// Splits the first image of a workload into its own part and its layers, which the agent is told of.
void split_image(const ImageLayers& layers, const std::string& app, Workload& workload, Names& names, HostAgent& agent);

}  // namespace plimsoll::aws
