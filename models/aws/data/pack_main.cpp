// Makes the built-in price tables: pack_main FOLDER OUT.cpp

#include <cinttypes>
#include <cstdio>

#include "models/aws/data/pack.h"

int main(int argc, char** argv) {
  using namespace plimsoll::aws::data;
  if (argc != 3) {
    std::fprintf(stderr, "usage: pack_main FOLDER OUT.cpp\n");
    return 2;
  }
  Tables tables;
  std::vector<Problem> problems;
  constexpr std::size_t kFiles = 7;
  if (read_folder(argv[1], tables, problems) != kFiles) problems.push_back({argv[1], 0, 0, "a file is missing"});
  const std::vector<std::uint64_t> words = pack(tables, problems);
  for (const Problem& p : problems)
    std::fprintf(stderr, "%s:%d:%d: error: %s\n", p.file.c_str(), p.line, p.column, p.message.c_str());
  if (!problems.empty()) return 1;
  std::FILE* out = std::fopen(argv[2], "wb");
  if (out == nullptr) {
    std::perror(argv[2]);
    return 1;
  }
  std::fprintf(out, "#include \"models/aws/data/built_in.h\"\n\nnamespace plimsoll::aws::data {\n\n");
  std::fprintf(out, "extern const std::uint64_t kBuiltInWords[] = {");
  for (std::size_t i = 0; i < words.size(); ++i)
    std::fprintf(out, "%s0x%" PRIx64 "u,", i % 8 == 0 ? "\n" : "", words[i]);
  std::fprintf(out, "\n};\nextern const std::size_t kBuiltInCount = %zu;\n\n}  // namespace plimsoll::aws::data\n",
               words.size());
  return std::fclose(out) == 0 ? 0 : 1;
}
