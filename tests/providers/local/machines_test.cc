// Real machines: made side by side, rebooted, powered off, killed, found again after crashes, destroyed without a trace.
#include <signal.h>

#include <thread>

#include "tests/providers/local/real_machines.h"
#include "providers/local/machine_life.h"

namespace skep {
namespace {

class Machines : public RealMachines {
 protected:
  void SetUp() override {
    RealMachines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto made = make(network());
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  MachineRun run_of(const std::string& name) {
    return read_run(files_, {tools_.paths.kind(cluster_, "server") + "/" + name}).value();
  }
};

TEST_F(Machines, BootSideBySideAndAnswerWithTheKeyThatWasMadeBefore) {
  std::vector<std::string> errors(3);
  const Instant began = clock_.now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        const auto made = make(server("node-" + std::to_string(i + 1)));
        if (!made.ok()) errors[i] = made.error().message;
      });
    }
  }
  std::printf("3 machines up after %lld ms\n", static_cast<long long>((clock_.now() - began).count()));
  EXPECT_EQ(errors, std::vector<std::string>(3));
  for (int i = 1; i <= 3; ++i) {
    const std::string name = "node-" + std::to_string(i);
    const auto machine = look(server(name));
    ASSERT_TRUE(machine);
    EXPECT_EQ(over_ssh(*machine, "cat /proc/1/comm; hostname"), "systemd\n" + name);
  }
}

}  // namespace
}  // namespace skep
