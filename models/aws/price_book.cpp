#include "models/aws/price_book.h"

#include <algorithm>

namespace plimsoll::aws {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

/// A fault of what all columns share: told once, at its own key, however many columns find it.
void shared_error(const document::Fields& fields, const char* key, std::string message, std::string hint = {}) {
  if (fields.describing()) return;
  document::Diagnostic fault;
  fault.key_path = key;
  fault.message = std::move(message);
  fault.hint = std::move(hint);
  fields.reader().diagnostics->add(std::move(fault));
}

/// Whether the key has had a fault.
bool has_fault(const document::Fields& fields, std::string_view key) {
  const std::vector<document::Diagnostic> all = fields.reader().diagnostics->sorted();
  return std::any_of(all.begin(), all.end(), [key](const document::Diagnostic& d) {
    return d.key_path == key && d.severity == document::Severity::error;
  });
}

}  // namespace

std::shared_ptr<PriceBook> PriceBook::open(document::Fields& fields, const Setting& setting) {
  auto book = std::make_shared<PriceBook>();
  if (setting.catalogue_dir.empty()) {
    book->catalogue_ = &Catalogue::built_in();
  } else {
    std::vector<CatalogueProblem> problems;
    book->owned_ = Catalogue::load(setting.catalogue_dir, problems);
    for (const CatalogueProblem& p : problems) {
      const std::string place = p.line > 0 ? p.file + ":" + std::to_string(p.line) : p.file;
      shared_error(fields, "--catalog", "catalogue " + place + ": " + p.message);
    }
    if (book->owned_ == nullptr) return nullptr;
    book->catalogue_ = book->owned_.get();
  }
  book->region_ = setting.region;
  if (!book->catalogue_->has_region(setting.region)) {
    const std::string near = joined(book->catalogue_->nearest_regions(setting.region));
    shared_error(fields, "region", "unknown region '" + setting.region + "'",
                 near.empty() ? "such as us-east-1; regions are named as AWS names them" : "nearest: " + near);
    return nullptr;
  }
  const auto date = parse_date(setting.as_of);
  if (!date) {
    shared_error(fields, "asOf", "asOf '" + setting.as_of + "' is not a date", "write today, 2020-12 or 2020-12-31");
    return nullptr;
  }
  book->as_of_ = aws::as_of(*date);
  return book;
}

Rate PriceBook::service(document::Fields& fields, std::string_view service_name, std::string_view item) {
  const ServicePrice* row = catalogue_->service_price(service_name, item, region_);
  if (row == nullptr) {
    // One fault of the region, however many of its prices are missing.
    if (has_fault(fields, "region")) return Rate{};
    shared_error(
        fields, "region",
        "the catalogue has no price of " + std::string(service_name) + "/" + std::string(item) + " in " + region_,
        owned_ != nullptr ? "add the row to service_prices.csv of the catalogue"
                          : "give a catalogue with --catalog DIR, or choose us-east-1");
    return Rate{};
  }
  if (is_weak(row->confidence)) {
    std::string text = std::string(service_name) + "/" + std::string(item) + " " + to_string(row->rate) + " USD per " +
                       std::string(row->unit) + " (" + std::string(to_string(row->confidence)) + ")";
    if (std::find(weak_.begin(), weak_.end(), text) == weak_.end()) weak_.push_back(std::move(text));
  }
  return row->rate;
}

Rate PriceBook::on_demand(document::Fields& fields, std::string_view key, const InstanceType& type) {
  const auto rate = catalogue_->on_demand(region_, type);
  if (!rate) {
    fields.error(key, "instance type " + std::string(type.name) + " is not sold in " + region_);
    return Rate{};
  }
  return *rate;
}

Rate PriceBook::spot(const InstanceType& type) const {
  return catalogue_->spot_price(region_, type).value_or(catalogue_->on_demand(region_, type).value_or(Rate{}));
}

const InstanceType* PriceBook::type(document::Fields& fields, std::string_view key, std::string_view name) const {
  const InstanceType* found = catalogue_->find_type(name);
  if (found == nullptr) {
    fields.error(key, "unknown instance type '" + std::string(name) + "'",
                 "nearest: " + joined(catalogue_->nearest_types(name)));
  }
  return found;
}

}  // namespace plimsoll::aws
