#!/usr/bin/python3
"""The provider's own Python client takes the simulator for the real thing. argv: the simulator. 77: skipped."""
import subprocess
import sys

try:
    from hcloud import APIException, Client
    from hcloud.firewalls.domain import FirewallRule
    from hcloud.images.domain import Image
    from hcloud.locations.domain import Location
    from hcloud.networks.domain import NetworkSubnet
    from hcloud.server_types.domain import ServerType
except ImportError:
    print("skipped: the module hcloud is not installed (package python3-hcloud)")
    sys.exit(77)

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbXk0u1xZ0mCw1yGmZy1bq0Y3nNq1oHnV1Gx0nZkq3T test"


def scenario(client):
    key = client.ssh_keys.create(name="me", public_key=KEY, labels={"a": "b"})
    network = client.networks.create(
        name="lan", ip_range="10.0.0.0/16",
        subnets=[NetworkSubnet(type="cloud", network_zone="eu-central", ip_range="10.0.1.0/24")])
    wall = client.firewalls.create(
        name="wall", rules=[FirewallRule(direction="in", protocol="tcp", port="22", source_ips=["0.0.0.0/0"])]).firewall
    made = client.servers.create(
        name="web-1", server_type=ServerType(name="cx23"), image=Image(name="debian-12"),
        location=Location(name="fsn1"), ssh_keys=[key], networks=[network], firewalls=[wall], labels={"role": "web"})
    made.action.wait_until_finished()
    for action in made.next_actions:
        action.wait_until_finished()
    server = client.servers.get_by_name("web-1")
    assert server.status == "running", server.status
    assert server.private_net[0].ip == "10.0.1.1"
    assert [one.name for one in client.servers.get_all(label_selector="role==web")] == ["web-1"]
    volume = client.volumes.create(name="data", size=10, server=server)
    volume.action.wait_until_finished()
    for action in volume.next_actions:
        action.wait_until_finished()
    assert client.volumes.get_by_name("data").server.id == server.id
    ip = client.floating_ips.create(type="ipv4", name="ingress", home_location=Location(name="fsn1")).floating_ip
    ip.assign(server).wait_until_finished()
    try:
        ip.delete()
        raise AssertionError("an assigned floating IP was destroyed")
    except APIException as error:
        assert error.code == "must_be_unassigned", error.code
    ip.unassign().wait_until_finished()
    server.update(name="web-2", labels={"role": "none"})
    assert client.servers.get_all(label_selector="role==web") == []
    client.volumes.get_by_name("data").detach().wait_until_finished()
    server.delete().wait_until_finished()
    for one in (client.volumes.get_by_name("data"), ip, wall, network, key):
        one.delete()
    for kind in (client.servers, client.volumes, client.floating_ips, client.firewalls, client.networks,
                 client.ssh_keys, client.primary_ips):
        assert kind.get_all() == [], kind


with subprocess.Popen([sys.argv[1], "0", "--speed", "20"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      text=True) as simulator:
    said = dict(simulator.stdout.readline().strip().split("=", 1) for _ in range(3))
    try:
        scenario(Client(token=said["HCLOUD_TOKEN"], api_endpoint=said["HCLOUD_ENDPOINT"], poll_interval=0.1))
        print("the Python client behaved as at the provider")
    finally:
        simulator.stdin.close()
