#include "sim/cli/verbs.h"

int main(int argc, char** argv) { return plimsoll::cli::main(argc, argv); }
