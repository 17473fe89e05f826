// The kinds of provider `hetzner`, one file each. The cloud must outlive its drivers.
#pragma once

#include <memory>

#include "providers/cloud/cloud.h"

namespace skep::hetzner {

using cloud::Cloud;

std::unique_ptr<Driver> make_ssh_key_driver(Cloud& cloud);
std::unique_ptr<Driver> make_network_driver(Cloud& cloud);
std::unique_ptr<Driver> make_firewall_driver(Cloud& cloud);
std::unique_ptr<Driver> make_placement_group_driver(Cloud& cloud);
std::unique_ptr<Driver> make_server_driver(Cloud& cloud);
std::unique_ptr<Driver> make_pin_driver(Cloud& cloud);
std::unique_ptr<Driver> make_volume_driver(Cloud& cloud);
std::unique_ptr<Driver> make_floating_ip_driver(Cloud& cloud);
std::unique_ptr<Driver> make_load_balancer_driver(Cloud& cloud);
std::unique_ptr<Driver> make_dns_record_driver(Cloud& cloud);

}  // namespace skep::hetzner
