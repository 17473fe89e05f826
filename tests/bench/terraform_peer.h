// Terraform beside ours, where it is installed: the same number of its own resources that do nothing.
#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <string>

namespace skep::bench {

struct Figure {
  double seconds = 0;
  double cpu_seconds = 0;  // what other work on the machine does not disturb
  double peak_mib = 0;
  double written_mb = 0;  // to disks, as the kernel counts it; 0 on a file system in memory
};

double cpu_seconds_of(const rusage& usage);

/// A process that has ended, by what the kernel says of it. `seconds` stays 0.
Figure figure_of(const rusage& usage);

/// Looks for `terraform` in PATH; SKEP_BENCH_TERRAFORM=0 says no.
bool has_terraform();

/// Makes the folder and initialises it: `count` resources of the kind terraform_data, on record already or all new.
/// False when Terraform cannot.
bool make_terraform_folder(const std::filesystem::path& folder, int count, bool is_on_record);

/// One run of `terraform ARGUMENTS` there. All zero when it ends with another code.
Figure run_terraform(const std::filesystem::path& folder, const std::string& arguments, int expected_code);

}  // namespace skep::bench
