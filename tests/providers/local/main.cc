// The tests' own main: the same program also serves as the supervisor of the machines that the tests make.
#include <gmock/gmock.h>

#include <string_view>

#include "providers/local/supervisor.h"

int main(int count, char** words) {
  if (count == 3 && std::string_view(words[1]) == "local-machine") return skep::run_local_machine(words[2]);
  ::testing::InitGoogleMock(&count, words);
  return RUN_ALL_TESTS();
}
