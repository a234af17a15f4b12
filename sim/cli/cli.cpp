// The command line. CLI11 is seen here only.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "sim/cli/plugin_library.h"
#include "sim/cli/verbs.h"
#include "sim/core/text.h"

namespace plimsoll::cli {

namespace {

const CLI::Range kThreads(1, 1024, "1 to 1024"), kReplications(1, 100'000, "1 to 100000");

const CLI::Validator kSeed(
    [](const std::string& s) {
      const bool digits = !s.empty() && s.find_first_not_of("0123456789") == s.npos;
      return digits && s.size() <= 18 ? "" : "must be a whole number from 0, not '" + s + "'";
    },
    "");

const CLI::Validator kDirectoryName([](const std::string& s) { return s.empty() ? "name a directory" : ""; }, "");

void scenario_options(CLI::App& app, ScenarioArguments& s) {
  app.add_option("scenario", s.file, "scenario file (YAML or JSON)")->required();
  app.add_option("--set", s.sets, "override a value: path=value; may be given several times")->take_all();
  app.add_option("--platform", s.platforms, "only this column; may be given several times")->take_all();
  app.add_option("--catalog", s.catalogue_dir, "folder of instance types and prices instead of the built-in ones");
  app.add_option_function<std::uint64_t>(
         "--seed",
         [&s](const std::uint64_t& v) {
           s.seed = v;
           s.has_seed = true;
         },
         "seed instead of the scenario's")
      ->check(kSeed);
}

void compare_options(CLI::App& app, CompareArguments& c) {
  scenario_options(app, c.scenario);
  app.add_option("--out", c.out, "run directory to write (must not exist, or be an earlier run's)")
      ->check(kDirectoryName);
  app.add_option("--replications", c.replications, "replications instead of the scenario's")->check(kReplications);
  app.add_option("--jobs", c.jobs, "threads")->check(kThreads);
  app.add_option("-o,--output", c.format, "table, json, csv or md")
      ->check(CLI::IsMember({"table", "json", "csv", "md"}));
  app.add_flag("-q,--quiet", c.quiet, "no progress");
}

void explain_options(CLI::App& app, ExplainArguments& e) {
  app.add_option("run", e.subject, "run directory, or a scenario file")->required();
  app.add_option("--platform", e.platform, "the column; needed when there are several");
  app.add_option("--pod,--task", e.pod, "one pod or task, such as web-7: its life, its place, its cost");
  app.add_option("--node", e.node, "one node, such as i-00012: why it came, stayed, went");
  app.add_option("--at", e.at, "an instant of the window, such as 09:31, 09:31:05 or 571m");
  app.add_option("--scale-up", e.scale_up, "EKS: the scale-up at or after this instant, with every option");
  app.add_option("--service", e.service, "what scales a service: datapoints and decisions");
  app.add_option("--alarm", e.alarm, "ECS: an alarm, such as web-cpu-AlarmHigh: datapoints, state, action");
  app.add_option("--capacity-provider", e.capacity_provider, "ECS: M, N, metric and decision, minute by minute");
  app.add_option("--fit", e.fit, "how many more of this pod or task (manifest, task definition) fit at --at");
  app.add_option("--count", e.count, "with --fit: how many are asked for, or max");
  app.add_option("--set", e.sets, "of a scenario file: override a value")->take_all();
  app.add_option("--catalog", e.catalogue_dir, "of a scenario file: folder of instance types and prices");
  app.add_option("-o,--output", e.format, "table or json")->check(CLI::IsMember({"table", "json"}));
}

/// One clear message instead of the library's.
int usage_error(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  std::vector<std::string> known;
  const CLI::App* at = &app;
  for (const CLI::App* sub : app.get_subcommands()) at = sub;
  for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(sub->get_name());
  for (const CLI::Option* option : at->get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    for (const std::string& name : option->get_snames()) known.push_back("-" + name);
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::string hint;
  for (int i = 1; i < argc; ++i) {
    std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    const bool short_option = word.size() > 1 && word[0] == '-' && word[1] != '-' && (word[1] < '0' || word[1] > '9');
    if (short_option) word.resize(2);  // -ojson
    const bool option = short_option || word.rfind("--", 0) == 0;
    if (!option && (i > 1 || at != &app)) continue;
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    const std::string near = short_option ? "" : nearest(word, views);  // every letter is near every other
    std::fprintf(stderr, "error: unknown %s '%s'%s\n", option ? "option" : "verb", word.c_str(),
                 near.empty() ? "" : (", did you mean '" + near + "'?").c_str());
    std::fprintf(stderr, "  hint: plimsoll %s--help lists what there is\n",
                 at == &app ? "" : (at->get_name() + " ").c_str());
    return kBadInput;
  }
  const bool no_verb = at == &app;
  std::string message = no_verb ? "no verb: say what to do" : error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && message.find(':') != message.npos) {
    message = message.substr(0, message.find(':')) + " needs a value";
  }
  // The library lists them from the last to the first.
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !no_verb)
    message = "unexpected argument '" + message.substr(message.rfind(' ') + 1) + "'";
  std::fprintf(stderr, "error: %s\n", message.c_str());
  std::fprintf(stderr, "  hint: plimsoll %s--help lists what there is\n",
               no_verb ? "" : (at->get_name() + " ").c_str());
  return kBadInput;
}

int parse_and_run(int argc, char** argv) {
  try {
    CLI::App app{
        "Plimsoll runs one workload on Amazon ECS and on Amazon EKS, side by side, and says what each costs.\n"
        "Exit codes: 0 done, and of the columns that ran at least one keeps its promises (expect:); 1 internal error;\n"
        "2 bad input; 3 no column keeps its promises; diff, validate-curves: 3 beyond the limit; 130 interrupted.",
        "plimsoll"};
    app.require_subcommand(1);
    app.fallthrough();  // before the verbs are added: they inherit it
    std::vector<std::string> plugins;
    app.add_option("--plugin", plugins, "shared library of policies of your own; may be given several times")
        ->take_all();
    app.set_help_all_flag("--help-all", "help of every verb");
    app.set_version_flag("--version", version_line(), "version of the program");
    CompareArguments compare, run;
    run.single = true;
    ValidateArguments validate;
    CatalogArguments catalog;
    ValidateCurvesArguments curves;
    SweepArguments sweep;
    ReportArguments report;
    DiffArguments diff;
    ExplainArguments explain;
    ImportArguments import;
    std::string policies_format = "table";

    CLI::App* compare_verb = app.add_subcommand("compare", "run every column of a scenario and compare them");
    compare_options(*compare_verb, compare);
    CLI::App* run_verb = app.add_subcommand("run", "run one column of a scenario (--platform) in full");
    compare_options(*run_verb, run);
    CLI::App* sweep_verb = app.add_subcommand("sweep", "run a scenario over a grid of parameters");
    sweep_verb->add_option("file", sweep.file, "sweep file")->required();
    sweep_verb->add_option("--out", sweep.out, "directory of results; a sweep that was interrupted goes on there")
        ->required()
        ->check(kDirectoryName);
    sweep_verb->add_option("--jobs", sweep.jobs, "threads")->check(kThreads);
    sweep_verb->add_option("--replications", sweep.replications, "replications instead of the sweep's")
        ->check(kReplications);
    sweep_verb->add_option("--platform", sweep.platforms, "only this column; may be given several times")->take_all();
    sweep_verb->add_option("--seed", sweep.seed, "seed instead of the scenario's")->check(kSeed);
    sweep_verb->add_option("--set", sweep.sets, "override a value of the base scenario")->take_all();
    sweep_verb->add_option("--catalog", sweep.catalogue_dir, "folder of instance types and prices");
    sweep_verb->add_flag("-q,--quiet", sweep.quiet, "no progress");
    CLI::App* report_verb = app.add_subcommand("report", "show a finished run again");
    report_verb->add_option("directory", report.directory, "run directory")->required();
    report_verb->add_option("-o,--output", report.format, "table, json, csv, md, html or perfetto (a trace)")
        ->check(CLI::IsMember({"table", "json", "csv", "md", "html", "perfetto"}));
    report_verb->add_option("--out", report.out, "file to write instead of standard output");
    CLI::App* explain_verb =
        app.add_subcommand("explain", "why it was so: makes a finished run again and looks closer");
    explain_options(*explain_verb, explain);
    CLI::App* diff_verb = app.add_subcommand("diff", "what changed between two finished runs, line by line");
    diff_verb->add_option("before", diff.before, "run directory")->required();
    diff_verb->add_option("after", diff.after, "run directory to compare with it")->required();
    diff_verb->add_option("--platform", diff.platforms, "only this column; may be given several times")->take_all();
    diff_verb->add_option("--fail-above", diff.fail_above, "exit 3 when a column's bill grows by more, such as 5%");
    diff_verb->add_option("-o,--output", diff.format, "table, json or md")
        ->check(CLI::IsMember({"table", "json", "md"}));
    CLI::App* import_verb =
        app.add_subcommand("import", "read task definitions, services and manifests; translate them");
    import_verb->add_option("files", import.files, "real files, or folders of them")->required();
    import_verb
        ->add_option("--to", import.to, "scenario, ecs or kubernetes; facts: what was read, one JSON object a line")
        ->check(CLI::IsMember({"scenario", "ecs", "kubernetes", "facts"}));
    CLI::App* validate_verb = app.add_subcommand("validate", "check a scenario or a sweep; print every fault");
    scenario_options(*validate_verb, validate.scenario);
    validate_verb->get_option("scenario")->required(false);
    validate_verb->add_flag("--print-effective", validate.print_effective, "print every value with its source");
    validate_verb->add_flag("--schema", validate.schema, "print the JSON Schema of scenario files");
    CLI::App* curves_verb =
        app.add_subcommand("validate-curves", "compare simulated scale-out with curves measured on the real systems");
    curves_verb->add_option("file", curves.file, "file of curves, such as scenarios/validation/curves.yaml")
        ->required();
    curves_verb->add_option("--set", curves.sets, "override a value of every curve's scenario")->take_all();
    curves_verb->add_option("-o,--output", curves.format, "table, json or csv")
        ->check(CLI::IsMember({"table", "json", "csv"}));
    curves_verb->add_flag("-q,--quiet", curves.quiet, "no progress");
    CLI::App* catalog_verb = app.add_subcommand("catalog", "instance types and prices");
    catalog_verb->add_option("--region", catalog.region, "region");
    catalog_verb->add_option("--family", catalog.family, "instance family, such as m7g");
    catalog_verb->add_option("--min-vcpu", catalog.min_vcpu, "least vCPU")
        ->check(CLI::Range(0, 100'000, "0 to 100000"));
    catalog_verb->add_flag("--services", catalog.services,
                           "prices of services (Fargate, EKS, balancers, ...) in the place of instance types");
    catalog_verb->add_option("--catalog", catalog.catalogue_dir, "folder of instance types and prices");
    catalog_verb->add_option("-o,--output", catalog.format, "table, json or csv")
        ->check(CLI::IsMember({"table", "json", "csv"}));
    CLI::App* policies_verb = app.add_subcommand("policies", "policies with their parameters and sources");
    policies_verb->add_option("-o,--output", policies_format, "table or json")->check(CLI::IsMember({"table", "json"}));
    CLI::App* version_verb = app.add_subcommand("version", "version of the program");

    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
      return app.exit(help);
    } catch (const CLI::CallForAllHelp& help) {
      return app.exit(help);
    } catch (const CLI::CallForVersion& version) {
      return app.exit(version);
    } catch (const CLI::ParseError& error) {
      return usage_error(app, argc, argv, error);
    }
    Registry registry = make_registry();
    document::Diagnostics diagnostics;
    for (const std::string& file : plugins) load_plugin(file, registry, diagnostics);
    std::fputs(diagnostics.text().c_str(), stderr);
    if (diagnostics.has_errors()) return kBadInput;
    if (*compare_verb) return run_compare(registry, compare);
    if (*run_verb) return run_compare(registry, run);
    if (*sweep_verb) return run_sweep(registry, sweep);
    if (*report_verb) return run_report(report);
    if (*explain_verb) return run_explain(registry, explain);
    if (*diff_verb) return run_diff(diff);
    if (*import_verb) return run_import(registry, import);
    if (*validate_verb) return run_validate(registry, validate);
    if (*curves_verb) return run_validate_curves(registry, curves);
    if (*catalog_verb) return run_catalog(catalog);
    if (*policies_verb) return run_policies(registry, policies_format);
    if (*version_verb) std::puts(version_line().c_str());
    return kDone;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return kInternalError;
  }
}

}  // namespace

int main(int argc, char** argv) {
  // What goes to a file or a pipe is written at the end and as a whole, so that a failure is known with its reason.
  static char buffer[std::size_t{1} << 20];  // glibc heeds the size of a buffer only when it is given one
  if (isatty(STDOUT_FILENO) == 0) std::setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  const int code = parse_and_run(argc, argv);
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fprintf(stderr, "error: cannot write to standard output%s%s\n", errno != 0 ? ": " : "",
               errno != 0 ? std::strerror(errno) : "");
  return kBadInput;
}

}  // namespace plimsoll::cli
