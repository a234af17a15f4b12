#include "models/aws/price_book.h"

#include <algorithm>

#include "models/aws/own_prices.h"

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
  if (!setting.prices.empty() && !fields.describing()) {
    auto own = std::make_shared<Catalogue>(*book->catalogue_);
    put_own_prices(*own, book->region_, setting.prices, *fields.reader().diagnostics);
    book->catalogue_ = own.get();
    book->owned_ = std::move(own);
  }
  return book;
}

Rate PriceBook::service(document::Fields& fields, std::string_view service_name, std::string_view item) {
  const ServicePrice* row = catalogue_->service_price(service_name, item, region_);
  if (row == nullptr) {
    // A fault for each price that is missing, so that all can be mended at once.
    const auto rows = catalogue_->service_prices();
    const auto elsewhere = std::find_if(
        rows.begin(), rows.end(), [&](const ServicePrice& p) { return p.service == service_name && p.item == item; });
    const std::string name = std::string(service_name) + "/" + std::string(item);
    std::string hint = "add the row to service_prices.csv of ";
    hint += owned_ != nullptr && elsewhere == rows.end() ? "the catalogue" : "a catalogue (--catalog DIR)";
    if (elsewhere != rows.end()) {
      const std::string unit(elsewhere->unit);
      hint = "say it under prices, as in prices: {" + name + ": $0.00/" + unit + "}, or " + hint + "; in " +
             std::string(elsewhere->region) + " it is $" + to_string(elsewhere->rate) + "/" + unit;
    }
    shared_error(fields, "region", "the catalogue has no price of " + name + " in " + region_, std::move(hint));
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
    fields.error(key, "instance type " + std::string(type.name) + " is not sold in " + region_,
                 "plimsoll catalog --region " + region_ + " lists those that are; where it is sold after all, say " +
                     "prices: {ec2/" + std::string(type.name) + "/on-demand: $0.00/h}");
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
