#include "models/aws/catalogue.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <utility>

using namespace plimsoll;
using namespace plimsoll::aws;

namespace {

std::int64_t dollars_to_pico(double usd) { return static_cast<std::int64_t>(usd * 1e12 + 0.5); }

/// A folder of its own that is removed at the end of a test.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "plimsoll-catalogue-test";
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const char* name, const char* text) const { std::ofstream(path / name, std::ios::binary) << text; }
};

}  // namespace

TEST_CASE("the built-in tables hold every row of the price files") {
  const Catalogue& c = Catalogue::built_in();
  CHECK(c.types().size() == 1352);
  CHECK(c.regions().size() == 16);
  CHECK(c.service_prices().size() == 493);
  CHECK(c.spot_history().size() == 250);
  CHECK(c.commitment_discounts().size() == 79);
  std::size_t prices = 0, advice = 0;
  for (const auto region : c.regions()) {
    for (const InstanceType& t : c.types()) {
      prices += c.on_demand(region, t).has_value() ? 1 : 0;
      advice += c.spot_advice(region, t).has_value() ? 1 : 0;
    }
  }
  CHECK(prices == 13522);
  CHECK(advice == 10572);
}

TEST_CASE("processor clock, GPU vendor and hypervisor of known types") {
  const Catalogue& c = Catalogue::built_in();
  const auto find = [&](const char* name) { return *c.find_type(name); };
  CHECK(find("m5.large").clock_mhz == 3100);
  CHECK(find("c6g.large").clock_mhz == 2500);
  CHECK(find("g4ad.xlarge").gpu_vendor == "amd");
  CHECK(find("g5.xlarge").gpu_vendor == "nvidia");
  CHECK(find("m5.large").gpu_vendor.empty());
  CHECK(find("t2.micro").hypervisor == "xen");
  CHECK(find("t3.micro").hypervisor == "nitro");
  CHECK(find("m5.metal").hypervisor.empty());
}

TEST_CASE("known list prices of us-east-1 come back to the pico-dollar") {
  const Catalogue& c = Catalogue::built_in();
  struct Known {
    const char* type;
    double usd;
  };
  const Known known[] = {{"m5.large", 0.096},   {"c5.large", 0.085},    {"r5.large", 0.126},
                         {"t3.medium", 0.0416}, {"m6g.large", 0.077},   {"m6i.large", 0.096},
                         {"m7g.large", 0.0816}, {"c7i.large", 0.08925}, {"g5.xlarge", 1.006}};
  for (const Known& k : known) {
    CAPTURE(k.type);
    const auto rate = c.on_demand("us-east-1", k.type);
    REQUIRE(rate.has_value());
    CHECK(rate->raw() == dollars_to_pico(k.usd));
    CHECK(c.on_demand("us-west-2", k.type) == rate);
  }
  CHECK_FALSE(c.on_demand("us-east-1", "m5.tiny").has_value());
  CHECK_FALSE(c.on_demand("mars-1", "m5.large").has_value());
}

TEST_CASE("every type obeys the pod formula of the VPC CNI and fits its tasks into its interfaces") {
  for (const InstanceType& t : Catalogue::built_in().types()) {
    CAPTURE(t.name);
    CHECK(t.eks_max_pods == t.max_enis * (t.ipv4_per_eni - 1) + 2);
    CHECK(t.ecs_awsvpc_tasks <= t.total_enis - 1);  // equal but for ten types of the ECS guide
    CHECK(t.vcpu > 0);
    CHECK(t.memory.raw() > 0);
    CHECK(std::string(t.family) + "." + std::string(t.size) == t.name);
    if (t.burstable && t.family != "t1") CHECK(t.credits_per_hour_milli > 0);
  }
}

TEST_CASE("a type is found by its name with its figures") {
  const InstanceType* t = Catalogue::built_in().find_type("m5.xlarge");
  REQUIRE(t != nullptr);
  CHECK(t->vcpu == 4);
  CHECK(t->memory == gibibytes(16));
  CHECK(t->arch == Architecture::x86_64);
  CHECK(t->max_enis == 4);
  CHECK(t->eks_max_pods == 58);
  CHECK(t->ecs_awsvpc_tasks == 3);
  CHECK(t->ecs_awsvpc_tasks_trunk == 20);
  CHECK(Catalogue::built_in().find_type("t3.micro")->credits_per_hour_milli == 12'000);
  CHECK_FALSE(Catalogue::built_in().find_type("t3.micro")->ecs_awsvpc_tasks_trunk.has_value());
  CHECK(Catalogue::built_in().find_type("m5.tiny") == nullptr);
}

TEST_CASE("a filter gives its types in order of size") {
  TypeFilter f;
  f.region = "us-east-1";
  f.family = "m7g";
  f.min_vcpu = 4;
  f.allow_bare_metal = false;
  const auto types = Catalogue::built_in().types_matching(f);
  REQUIRE(types.size() >= 5);
  CHECK(types.front()->name == "m7g.xlarge");
  for (std::size_t i = 1; i < types.size(); ++i) CHECK(types[i - 1]->vcpu <= types[i]->vcpu);
  for (const InstanceType* t : types) CHECK(t->arch == Architecture::arm64);
}

TEST_CASE("the Spot price is on-demand less the saving, and never above on-demand") {
  const Catalogue& c = Catalogue::built_in();
  for (const auto region : c.regions()) {
    for (const InstanceType& t : c.types()) {
      const auto advice = c.spot_advice(region, t);
      const auto od = c.on_demand(region, t);
      const auto spot = c.spot_price(region, t);
      REQUIRE(spot.has_value() == (advice.has_value() && od.has_value()));
      if (!spot) continue;
      CHECK(*spot <= *od);
      CHECK(advice->interruption_band >= 0);
      CHECK(advice->interruption_band <= 4);
      if (advice->savings_percent >= 0) {
        CHECK(spot->raw() == static_cast<std::int64_t>(
                                 div_round(static_cast<__int128>(od->raw()) * (100 - advice->savings_percent), 100)));
      }
    }
  }
}

TEST_CASE("a service price is that of the region, else the one that holds everywhere") {
  const Catalogue& c = Catalogue::built_in();
  const ServicePrice* vcpu = c.service_price("fargate", "linux_x86_64_vcpu", "us-east-1");
  REQUIRE(vcpu != nullptr);
  CHECK(vcpu->rate.raw() == 40'480'000'000);
  CHECK(vcpu->unit == "vCPU-hour");
  CHECK(vcpu->confidence == Confidence::verified);
  const ServicePrice* ip = c.service_price("vpc", "public_ipv4", "eu-west-1");
  REQUIRE(ip != nullptr);
  CHECK(ip->region == "*");
  CHECK(c.service_price("elb", "alb_lcu", "eu-west-1")->confidence == Confidence::medium);
  CHECK(is_weak(c.service_price("elb", "alb_lcu", "eu-central-1")->confidence));
  CHECK(c.service_price("fargate", "windows_os_licence", "ca-central-1") == nullptr);
}

TEST_CASE("every region has what a plain cluster of either side needs") {
  const Catalogue& c = Catalogue::built_in();
  const std::pair<const char*, const char*> needed[] = {{"fargate", "linux_x86_64_vcpu"},
                                                        {"fargate", "linux_x86_64_mem"},
                                                        {"fargate", "linux_x86_64_vcpu_spot"},
                                                        {"fargate", "linux_arm64_vcpu"},
                                                        {"fargate", "linux_arm64_mem"},
                                                        {"fargate", "ephemeral_storage_over_20gb"},
                                                        {"eks", "control_plane_standard"},
                                                        {"elb", "alb_hour"},
                                                        {"elb", "alb_lcu"},
                                                        {"elb", "nlb_hour"},
                                                        {"elb", "nlb_nlcu"},
                                                        {"nat", "gateway_hour"},
                                                        {"nat", "data_processed"},
                                                        {"vpc", "public_ipv4"},
                                                        {"vpc", "interface_endpoint"},
                                                        {"ecr", "private_storage"},
                                                        {"ec2", "t3_unlimited_surplus"},
                                                        {"ec2", "t4g_unlimited_surplus"},
                                                        {"ebs", "gp3_storage"},
                                                        {"data_transfer", "cross_az_each_direction"},
                                                        {"data_transfer", "internet_out_first_10tb"},
                                                        {"cloudwatch", "logs_ingest"},
                                                        {"cloudwatch", "logs_insights_scan"},
                                                        {"cloudwatch", "alarm_standard"},
                                                        {"cloudwatch", "alarm_high_resolution"},
                                                        {"cloudwatch", "custom_metric_first_10k"},
                                                        {"lambda", "requests"},
                                                        {"lambda", "duration_x86_64"},
                                                        {"ecs", "ecs_anywhere"}};
  for (const std::string_view region : c.regions()) {
    for (const auto& [service, item] : needed) {
      CAPTURE(region);
      CAPTURE(service);
      CAPTURE(item);
      const ServicePrice* here = c.service_price(service, item, region);
      const ServicePrice* home = c.service_price(service, item, "us-east-1");
      REQUIRE(here != nullptr);
      REQUIRE(home != nullptr);
      CHECK(here->unit == home->unit);
      // Sao Paulo, the dearest, is up to 2.1 times N. Virginia; nothing is under 0.7 times.
      CHECK(here->rate.raw() * 10 >= home->rate.raw() * 7);
      CHECK(here->rate.raw() * 10 <= home->rate.raw() * 21);
    }
  }
}

TEST_CASE("prices put in stand before the list's, in their region only, and leave Spot prices of the list alone") {
  Catalogue c = Catalogue::built_in();
  const InstanceType& m5 = *c.find_type("m5.large");
  const auto spot = c.spot_price("us-east-1", m5);
  c.put_on_demand("us-east-1", m5, Rate{90'000'000'000});
  CHECK(c.on_demand("us-east-1", m5) == Rate{90'000'000'000});
  CHECK(c.on_demand("us-west-2", m5) == Catalogue::built_in().on_demand("us-west-2", m5));
  CHECK(c.spot_price("us-east-1", m5) == spot);
  c.put_spot("us-east-1", m5, Rate{30'000'000'000});
  CHECK(c.spot_price("us-east-1", m5) == Rate{30'000'000'000});
  CHECK(c.on_demand("us-east-1", m5) == Rate{90'000'000'000});

  // A type that the list does not sell in the region.
  const InstanceType* absent = nullptr;
  for (const InstanceType& t : c.types()) {
    if (!c.on_demand("eu-north-1", t)) absent = &t;
  }
  REQUIRE(absent != nullptr);
  c.put_on_demand("eu-north-1", *absent, Rate{1'000'000'000'000});
  CHECK(c.on_demand("eu-north-1", *absent) == Rate{1'000'000'000'000});
  CHECK(c.on_demand_source("eu-north-1", *absent).empty());

  const std::size_t rows = c.service_prices().size();
  ServicePrice row = *c.service_price("elb", "alb_lcu", "us-east-1");
  row.rate = Rate{7'000'000'000};
  c.put(row);
  CHECK(c.service_prices().size() == rows);
  CHECK(c.service_price("elb", "alb_lcu", "us-east-1")->rate == Rate{7'000'000'000});
  row = *c.service_price("fargate", "windows_os_licence", "us-east-1");
  row.region = "eu-west-1";
  c.put(row);
  CHECK(c.service_prices().size() == rows + 1);
  CHECK(c.service_price("fargate", "windows_os_licence", "eu-west-1") != nullptr);
  CHECK(c.service_price("fargate", "windows_os_licence", "eu-west-2") == nullptr);
  CHECK(Catalogue::built_in().service_price("fargate", "windows_os_licence", "eu-west-1") == nullptr);
}

TEST_CASE("unknown names get their nearest neighbours") {
  const Catalogue& c = Catalogue::built_in();
  REQUIRE_FALSE(c.nearest_types("m5.larg").empty());
  CHECK(c.nearest_types("m5.larg").front() == "m5.large");
  CHECK(c.nearest_regions("us-esat-1").front() == "us-east-1");
  CHECK(c.nearest_regions("zzzzzzzzzzzzzzzzzzzzzzzz").empty());
}

TEST_CASE("a folder replaces the tables it has and keeps the others") {
  const Folder folder;
  folder.write("ec2_on_demand_linux.csv", "region,instance_type,usd_per_hour,src\nmoon-1,m5.large,0.5,X\n");
  std::vector<CatalogueProblem> problems;
  const auto c = Catalogue::load(folder.path.string(), problems);
  REQUIRE(problems.empty());
  REQUIRE(c != nullptr);
  CHECK(c->types().size() == Catalogue::built_in().types().size());
  CHECK(c->on_demand("moon-1", "m5.large") == Rate{500'000'000'000});
  CHECK_FALSE(c->on_demand("us-east-1", "m5.large").has_value());
  CHECK(c->on_demand_source("moon-1", *c->find_type("m5.large")) == "X");
  CHECK(c->service_price("fargate", "linux_x86_64_vcpu", "us-east-1") != nullptr);
}

TEST_CASE("what is wrong with a folder is said with file, line and column, all at once") {
  const Folder folder;
  folder.write("ec2_on_demand_linux.csv",
               "region,instance_type,usd_per_hour,src\nus-east-1,m5.large,abc,X\nus-east-1,m5.large\n");
  folder.write("service_prices.csv", "service,item,region,usd,unit,src,confidence,note\na,b,c,1,GB,X,sure,\n");
  std::vector<CatalogueProblem> problems;
  CHECK(Catalogue::load(folder.path.string(), problems) == nullptr);
  REQUIRE(problems.size() == 3);
  bool number = false, fields = false, confidence = false;
  for (const CatalogueProblem& p : problems) {
    number |= p.line == 2 && p.column == 20 && p.message.find("abc") != std::string::npos;
    fields |= p.line == 3 && p.message.find("2 fields") != std::string::npos;
    confidence |= p.line == 2 && p.message.find("sure") != std::string::npos;
  }
  CHECK(number);
  CHECK(fields);
  CHECK(confidence);

  problems.clear();
  CHECK(Catalogue::load((folder.path / "nothing").string(), problems) == nullptr);
  CHECK(problems.size() == 1);
}

TEST_CASE("an unknown type and a double price are problems") {
  const Folder folder;
  folder.write("ec2_on_demand_linux.csv",
               "region,instance_type,usd_per_hour,src\nr,m5.tiny,1,X\nr,m5.large,1,X\nr,m5.large,2,X\n");
  std::vector<CatalogueProblem> problems;
  CHECK(Catalogue::load(folder.path.string(), problems) == nullptr);
  CHECK(problems.size() >= 2);
}
