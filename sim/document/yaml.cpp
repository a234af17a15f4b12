#include <yaml.h>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/cursor_internal.h"

namespace plimsoll::document {

namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

/// "1,000,000".
std::string grouped(std::uint32_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

/// One event, freed on leaving the scope.
struct Event {
  yaml_event_t raw{};
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
};

/// An open collection.
struct Frame {
  bool is_mapping = false;
  Mark mark;
  std::string anchor;
  std::vector<Entry> entries;
  std::vector<Node> items;
  bool has_key = false;
  bool merging = false;  ///< the key is a plain <<
  std::string key;
  Mark key_mark;
  std::optional<Mark> merged_at;
  std::vector<Node> merge_sources;
};

/// libyaml's events to nodes. Every limit is checked while reading, before anything is built, because libyaml itself
/// keeps no limit on nesting and aliases cost it nothing.
class YamlReader {
 public:
  YamlReader(std::string_view text, std::shared_ptr<const std::string> file, Diagnostics& diagnostics,
             const Limits& limits)
      : text_(text), file_(std::move(file)), diagnostics_(diagnostics), limits_(limits) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  std::vector<Node> run() {
    while (ready_) {
      Event event;
      if (yaml_parser_parse(&parser_, &event.raw) == 0) {
        syntax_error();
        break;
      }
      if (event.raw.type == YAML_STREAM_END_EVENT) break;
      if (!handle(event.raw)) break;
    }
    return std::move(documents_);
  }

 private:
  Mark mark_of(const yaml_mark_t& mark) const {
    return {file_, static_cast<std::int32_t>(mark.line) + 1, static_cast<std::int32_t>(mark.column) + 1};
  }

  bool stop(const Mark& mark, std::string message, std::string hint = {}) {
    diagnostics_.error(mark, std::move(message), std::move(hint));
    return false;
  }

  std::string_view line_at(const Mark& mark) const {
    std::size_t begin = 0;
    for (std::int32_t line = 1; line < mark.line; ++line) {
      const std::size_t end = text_.find('\n', begin);
      if (end == text_.npos) return {};
      begin = end + 1;
    }
    return text_.substr(begin, text_.find('\n', begin) - begin);
  }

  void syntax_error() {
    std::string message = parser_.problem != nullptr ? parser_.problem : "out of memory";
    Mark mark = mark_of(parser_.problem_mark);
    if (parser_.error == YAML_READER_ERROR) mark = Cursor(text_, file_).mark_at(parser_.problem_offset);
    const std::string_view line = line_at(mark);
    const std::size_t blanks = line.find_first_not_of(" \t");
    std::string hint;
    if (line.find("{{") != line.npos) {
      hint = "this looks like a template; render it first (helm template)";
    } else if (line.substr(0, blanks).find('\t') != line.npos) {
      hint = "YAML indents with spaces, never with tabs";
    } else if (message == "mapping values are not allowed in this context") {
      hint = "a text that holds ': ' stands in quotes; else check the indentation";
    } else if (message == "could not find expected ':'" || message == "did not find expected key") {
      hint = "check the indentation, and the ':' after the key";
    } else if (message.find("cannot start any token") != message.npos) {
      hint = "a text that begins with @, ` or % stands in quotes";
    }
    if (parser_.context != nullptr && parser_.context_mark.line + 1 != static_cast<std::size_t>(mark.line)) {
      message +=
          std::string(", ") + parser_.context + " that began at line " + std::to_string(parser_.context_mark.line + 1);
    }
    diagnostics_.error(mark, "not valid YAML: " + message, hint);
  }

  bool handle(const yaml_event_t& event) {
    const Mark mark = mark_of(event.start_mark);
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        root_.reset();
        return true;
      case YAML_DOCUMENT_END_EVENT:
        // A document of nothing but comments is an empty plain scalar.
        if (root_ && !(root_->is_null() && root_->text().empty())) documents_.push_back(*root_);
        return true;
      case YAML_ALIAS_EVENT:
        return alias(text_of(event.data.alias.anchor), mark);
      case YAML_SCALAR_EVENT:
        return scalar(event, mark);
      case YAML_SEQUENCE_START_EVENT:
        return open(false, mark, text_of(event.data.sequence_start.anchor), text_of(event.data.sequence_start.tag));
      case YAML_MAPPING_START_EVENT:
        return open(true, mark, text_of(event.data.mapping_start.anchor), text_of(event.data.mapping_start.tag));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return true;
    }
  }

  bool count_node(const Mark& mark) {
    if (++nodes_ <= limits_.nodes) return true;
    return stop(mark, "more than " + grouped(limits_.nodes) + " values in one file");
  }

  bool wants_key() const { return !frames_.empty() && frames_.back().is_mapping && !frames_.back().has_key; }

  bool open(bool is_mapping, const Mark& mark, std::string anchor, const std::string& tag) {
    if (!count_node(mark)) return false;
    if (wants_key()) {
      const bool is_template = line_at(mark).find("{{") != std::string_view::npos;
      return stop(mark, "a key must be a plain text, not " + std::string(is_mapping ? "a mapping" : "a list"),
                  is_template ? "this looks like a template; render it first (helm template)" : "");
    }
    if (frames_.size() >= static_cast<std::size_t>(limits_.depth)) {
      return stop(mark, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
    if (!tag.empty() && tag != "!" && tag != std::string(kTagPrefix) + (is_mapping ? "map" : "seq")) bad_tag(tag, mark);
    Frame frame;
    frame.is_mapping = is_mapping;
    frame.mark = mark;
    frame.anchor = std::move(anchor);
    frames_.push_back(std::move(frame));
    return true;
  }

  bool close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    Node node;
    if (frame.is_mapping) {
      if (!frame.merge_sources.empty()) merge_into(frame);
      node = make_mapping(std::move(frame.entries), frame.mark, diagnostics_);
    } else {
      node = Node::sequence(std::move(frame.items), frame.mark);
    }
    if (!frame.anchor.empty()) anchors_.insert_or_assign(std::move(frame.anchor), node);
    return place(std::move(node), false);
  }

  /// The mapping's own keys win; of several sources the earlier wins. Source: yaml.org/type/merge.html.
  static void merge_into(Frame& frame) {
    std::map<std::string, bool, std::less<>> present;
    for (const Entry& entry : frame.entries) present.emplace(entry.key, true);
    for (const Node& source : frame.merge_sources) {
      for (const Entry& entry : source.entries()) {
        if (present.emplace(entry.key, true).second) frame.entries.push_back(entry);
      }
    }
  }

  bool alias(const std::string& name, const Mark& mark) {
    for (const Frame& frame : frames_) {
      if (frame.anchor == name) return stop(mark, "the alias '*" + name + "' stands inside the value that it names");
    }
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      std::vector<std::string_view> known;
      for (const auto& [anchor, node] : anchors_) known.push_back(anchor);
      const std::string near = nearest(name, known);
      return stop(mark, "the alias '*" + name + "' has no anchor before it",
                  near.empty() ? "a text that begins with * stands in quotes" : "did you mean '*" + near + "'?");
    }
    const Node& target = found->second;
    alias_nodes_ += target.count();
    if (alias_nodes_ > limits_.alias_nodes) {
      return stop(mark, "aliases expand to more than " + grouped(limits_.alias_nodes) + " values");
    }
    if (frames_.size() + static_cast<std::size_t>(target.height()) > static_cast<std::size_t>(limits_.depth)) {
      return stop(mark, "nested deeper than " + std::to_string(limits_.depth) + " levels by the alias '*" + name + "'");
    }
    if (!count_node(mark)) return false;
    if (wants_key() && !target.is_scalar()) return stop(mark, "a key must be a plain text");
    if (wants_key()) return place(target.with_mark(mark), false);
    return place(target, false);
  }

  bool scalar(const yaml_event_t& event, const Mark& mark) {
    if (!wants_key() && !count_node(mark)) return false;
    const auto& data = event.data.scalar;
    std::string text(reinterpret_cast<const char*>(data.value), data.length);
    if (text.find('\0') != text.npos) {
      diagnostics_.error(mark, "a text may not contain NUL");
      text.clear();
    }
    const bool is_plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    const std::string tag = text_of(data.tag);
    Node node = is_plain && tag.empty() ? Node::plain(std::move(text), mark)
                : tag.empty()           ? Node::string(std::move(text), mark)
                                        : tagged(std::move(text), tag, mark);
    if (data.anchor != nullptr) anchors_.insert_or_assign(text_of(data.anchor), node);
    return place(std::move(node), is_plain);
  }

  void bad_tag(const std::string& tag, const Mark& mark) {
    diagnostics_.error(mark, "the tag '" + tag + "' is not supported",
                       tag[0] == '!' ? "files with tags such as !Ref or !Sub must be resolved first" : "");
  }

  Node tagged(std::string text, const std::string& tag, const Mark& mark) {
    if (tag == "!" || tag == std::string(kTagPrefix) + "str") return Node::string(std::move(text), mark);
    const std::string_view name =
        tag.starts_with(kTagPrefix) ? std::string_view(tag).substr(kTagPrefix.size()) : std::string_view();
    Node node = Node::plain(text, mark);
    const Kind kind = node.kind();
    const bool fits = (name == "int" && kind == Kind::integer) || (name == "bool" && kind == Kind::boolean) ||
                      (name == "float" && (kind == Kind::number || kind == Kind::integer)) ||
                      (name == "null" && kind == Kind::null);
    if (fits) return node;
    if (name == "int" || name == "bool" || name == "float" || name == "null") {
      diagnostics_.error(mark, "'" + text + "' is not what its tag !!" + std::string(name) + " says");
    } else {
      bad_tag(tag, mark);
    }
    return Node::string(std::move(text), mark);
  }

  /// Puts a finished value (or key) where it belongs.
  bool place(Node node, bool is_plain_scalar) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& frame = frames_.back();
    if (!frame.is_mapping) {
      frame.items.push_back(std::move(node));
      return true;
    }
    if (!frame.has_key) {
      frame.has_key = true;
      frame.key = node.text();
      frame.key_mark = node.mark();
      frame.merging = is_plain_scalar && frame.key == "<<";
      return true;
    }
    frame.has_key = false;
    if (frame.merging) return place_merge(frame, node);
    frame.entries.push_back({std::move(frame.key), frame.key_mark, std::move(node)});
    frame.key.clear();
    return true;
  }

  bool place_merge(Frame& frame, const Node& node) {
    if (frame.merged_at) {
      diagnostics_.error(frame.key_mark, "duplicate key '<<'",
                         "it was first given at " + to_string(*frame.merged_at) + "; merge several as <<: [*a, *b]");
      return true;
    }
    frame.merged_at = frame.key_mark;
    if (node.is_mapping()) {
      frame.merge_sources.push_back(node);
      return true;
    }
    bool all = node.is_sequence();
    for (const Node& item : node.items()) all = all && item.is_mapping();
    if (all) {
      frame.merge_sources = node.items();
    } else {
      diagnostics_.error(frame.key_mark,
                         "'<<' merges a mapping or a list of mappings, not " + std::string(kind_name(node.kind())));
    }
    return true;
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  Diagnostics& diagnostics_;
  const Limits& limits_;
  yaml_parser_t parser_{};
  bool ready_ = false;
  std::vector<Frame> frames_;
  std::map<std::string, Node, std::less<>> anchors_;
  std::optional<Node> root_;
  std::vector<Node> documents_;
  std::uint32_t nodes_ = 0;
  std::uint64_t alias_nodes_ = 0;
};

}  // namespace

std::vector<Node> load_yaml(std::string_view text, const std::shared_ptr<const std::string>& file,
                            Diagnostics& diagnostics, const Limits& limits) {
  return YamlReader(text, file, diagnostics, limits).run();
}

}  // namespace plimsoll::document
