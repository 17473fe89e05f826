#include "cli/commands/cluster.h"

#include <algorithm>

#include "cli/commands/state_place.h"

namespace skep {

namespace {

void append(std::vector<Problem>& problems, std::vector<Problem> more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<Provider*> Cluster::used_providers() const {
  std::vector<Provider*> used;
  for (const auto& provider : providers) {
    if (!pools_of(spec, provider->name()).empty()) used.push_back(provider.get());
  }
  return used;
}

Result<SpecAndPaths> open_spec(const Invocation& invocation, Outside& outside) {
  SpecAndPaths opened;
  opened.files = TRY(spec_files(invocation, outside));
  const auto documents = TRY(read_documents(opened.files, outside));
  Checked checked = load_spec(documents, outside.environment);
  const bool is_wrong = report_problems(checked.problems, invocation, outside);
  if (is_wrong || !checked.spec) return problems_error(checked.problems, opened.files);
  opened.spec = std::move(*checked.spec);
  opened.paths = cluster_paths(opened.files.front(), opened.spec.name);
  opened.paths.state = TRY(state_place(opened.spec, opened.paths.state.file, outside));
  return opened;
}

Result<std::unique_ptr<Cluster>> open_cluster(const Invocation& invocation, LoginUse login, Outside& outside) {
  SpecAndPaths opened = TRY(open_spec(invocation, outside));
  auto cluster = std::make_unique<Cluster>();
  cluster->spec = std::move(opened.spec);
  cluster->files = std::move(opened.files);
  cluster->paths = std::move(opened.paths);
  cluster->providers = TRY(outside.make_providers(
      {.endpoints = cluster->spec.endpoints, .trace_file = invocation.text("trace", variable(outside, "SKEP_TRACE"))}));
  const auto problems = TRY(offline_problems(cluster->spec, outside));
  if (report_problems(problems, invocation, outside)) return problems_error(problems, cluster->files);

  if (login != LoginUse::none) {
    const NewKey new_key = login == LoginUse::make ? NewKey::make : NewKey::pretend;
    cluster->login = TRY(find_login(cluster->spec, cluster->paths, new_key, outside));
    if (!cluster->login.note.empty()) outside.err << cluster->login.note << std::endl;
  }
  cluster->ssh = outside.make_ssh(cluster->login.credentials);
  cluster->hosts = outside.make_host_kinds(*cluster->ssh);
  std::vector<Provider*> all;
  for (const auto& provider : cluster->providers) all.push_back(provider.get());
  cluster->catalog = std::make_unique<Catalog>(all, *cluster->hosts);
  return cluster;
}

Result<std::vector<Problem>> offline_problems(const Spec& spec, Outside& outside) {
  std::vector<Problem> problems;
  const auto providers = TRY(outside.make_providers({}));
  for (const auto& provider : providers) {
    if (!pools_of(spec, provider->name()).empty()) append(problems, provider->check(spec));
  }
  const auto ssh = outside.make_ssh({});
  append(problems, outside.make_host_kinds(*ssh)->check(spec));
  return problems;
}

Result<Expanded> expand_cluster(const Cluster& cluster) {
  const auto used = cluster.used_providers();
  return expand(cluster.spec, used, *cluster.hosts, *cluster.catalog,
                {.authorized_keys = cluster.login.authorized_keys});
}

}  // namespace skep
