#!/usr/bin/env python3
"""Drives an EC2 endpoint with boto3 and the aws command line, as any user would who knows nothing of it.

Builds a VPC, subnets, a group, instances and interfaces, exceeds every limit it can and compares the error
codes. Every answer is also compared, element by element, with botocore's own description of EC2: an element
that EC2 does not have is a failure even where boto3 would overlook it.

usage: ec2_conformance.py ENDPOINT [REGION]
"""
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree as ET

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
REGION = sys.argv[2] if len(sys.argv) > 2 else "us-east-1"
checks = 0
failures = []


def check(what, actual, expected):
    global checks
    checks += 1
    if actual != expected:
        failures.append(f"{what}: expected {expected!r}, was {actual!r}")


def refused(what, code, call, **parameters):
    try:
        call(**parameters)
        check(what, "no error", code)
    except ClientError as e:
        check(what, e.response["Error"]["Code"], code)


def compare_with_model(model, response_dict, **_):
    """Every element of an answer must be one that botocore's model of the operation has."""
    if response_dict["status_code"] != 200 or model.output_shape is None:
        return
    root = ET.fromstring(response_dict["body"])
    walk(root, model.output_shape, model.name)


def local(element):
    return element.tag.split("}")[-1]


def walk(element, shape, path):
    global checks
    if shape.type_name == "structure":
        members = {m.serialization.get("name", n): m for n, m in shape.members.items()}
        for child in element:
            name = local(child)
            if name in members:
                checks += 1
                walk(child, members[name], f"{path}/{name}")
            elif name not in ("requestId", "return"):
                failures.append(f"{path}: EC2 has no element {name}")
    elif shape.type_name == "list":
        for child in element:
            expected = shape.member.serialization.get("name", "item")
            check(f"{path}: list member", local(child), expected)
            walk(child, shape.member, f"{path}[]")


def scan(operation_name=None, **kwargs):
    compare_with_model(kwargs.pop("operation_model"), kwargs.pop("response_dict"))


session = boto3.session.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name=REGION)
ec2 = session.client("ec2", endpoint_url=ENDPOINT, config=Config(retries={"max_attempts": 0}))
ec2.meta.events.register("before-parse.ec2", scan)


def tags(kind, **pairs):
    return [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in pairs.items()]}]


def filters(**pairs):
    return [{"Name": k.replace("__", ":").replace("_", "-"), "Values": v} for k, v in pairs.items()]


# A world from nothing.
vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=tags("vpc", Name="conformance"))["Vpc"]["VpcId"]
ec2.associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)
ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.64.0.0/16")
description = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
check("the VPC's IPv4 blocks", [a["CidrBlock"] for a in description["CidrBlockAssociationSet"]], ["10.20.0.0/16", "100.64.0.0/16"])
v6 = description["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("/56", "/64")
zones = [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]]
check("regions", [r["RegionName"] for r in ec2.describe_regions()["Regions"]], [REGION])
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24", Ipv6CidrBlock=v6, AvailabilityZone=zones[0],
                           TagSpecifications=tags("subnet", Name="a"))["Subnet"]
check("a /24 has 251 addresses", subnet["AvailableIpAddressCount"], 251)
subnet = subnet["SubnetId"]
tiny = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/28", AvailabilityZone=zones[0])["Subnet"]["SubnetId"]
elsewhere = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.2.0/24", AvailabilityZone=zones[1])["Subnet"]["SubnetId"]
refused("overlapping subnet", "InvalidSubnet.Conflict", ec2.create_subnet, VpcId=vpc, CidrBlock="10.20.0.128/25")
refused("subnet outside", "InvalidSubnet.Range", ec2.create_subnet, VpcId=vpc, CidrBlock="10.99.0.0/24")
group = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc)["GroupId"]
check("groups of the VPC", sorted(g["GroupName"] for g in ec2.describe_security_groups(Filters=filters(vpc_id=[vpc]))["SecurityGroups"]),
      ["default", "nodes"])
table = ec2.describe_route_tables(Filters=filters(vpc_id=[vpc]))["RouteTables"][0]
check("the main table's first route", (table["Routes"][0]["DestinationCidrBlock"], table["Routes"][0]["GatewayId"]), ("10.20.0.0/16", "local"))

# Instances and what their types allow.
limits = ec2.describe_instance_types(InstanceTypes=["m5.large", "t3.nano"])["InstanceTypes"]
limits = {t["InstanceType"]: (t["NetworkInfo"]["MaximumNetworkInterfaces"], t["NetworkInfo"]["Ipv4AddressesPerInterface"]) for t in limits}
check("limits", limits, {"m5.large": (3, 10), "t3.nano": (2, 2)})
paged = [t["InstanceType"] for page in ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 100}) for t in page["InstanceTypes"]]
check("every instance type once", len(paged) - len(set(paged)), 0)
check("more than one page", len(paged) > 100, True)
nodes = ec2.run_instances(ImageId="ami-0123456789abcdef0", InstanceType="m5.large", MinCount=2, MaxCount=2, SubnetId=subnet,
                          SecurityGroupIds=[group], TagSpecifications=tags("instance", Name="node"))["Instances"]
node, other = (n["InstanceId"] for n in nodes)
ec2.get_waiter("instance_running").wait(InstanceIds=[node, other], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
primary = ec2.describe_instances(InstanceIds=[node])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]
check("primary interface", (primary["Attachment"]["DeviceIndex"], primary["Attachment"]["DeleteOnTermination"]), (0, True))
old = ec2.run_instances(ImageId="ami-0123456789abcdef0", InstanceType="t2.micro", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
refused("unknown type", "InvalidParameterValue", ec2.run_instances, ImageId="ami-0123456789abcdef0", InstanceType="z9.huge", MinCount=1, MaxCount=1, SubnetId=subnet)

# Interfaces.
created = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="pods", SecondaryPrivateIpAddressCount=3,
                                       TagSpecifications=tags("network-interface", cluster="c1"))["NetworkInterface"]
eni = created["NetworkInterfaceId"]
check("addresses of a new interface", len(created["PrivateIpAddresses"]), 4)
check("status of a new interface", created["Status"], "available")
refused("dry run", "DryRunOperation", ec2.create_network_interface, SubnetId=subnet, DryRun=True)
token = dict(SubnetId=subnet, ClientToken=str(uuid.uuid4()))
first = ec2.create_network_interface(**token)["NetworkInterface"]["NetworkInterfaceId"]
check("the same token, the same interface", ec2.create_network_interface(**token)["NetworkInterface"]["NetworkInterfaceId"], first)
refused("the same token, another request", "IdempotentParameterMismatch", ec2.create_network_interface, Description="x", **token)
refused("another zone", "InvalidParameterCombination", ec2.attach_network_interface, InstanceId=node, DeviceIndex=1,
        NetworkInterfaceId=ec2.create_network_interface(SubnetId=elsewhere)["NetworkInterface"]["NetworkInterfaceId"])
attachment = ec2.attach_network_interface(NetworkInterfaceId=eni, InstanceId=node, DeviceIndex=1)["AttachmentId"]
refused("attached already", "InvalidNetworkInterface.InUse", ec2.attach_network_interface, NetworkInterfaceId=eni, InstanceId=other, DeviceIndex=1)
refused("index taken", "InvalidParameterValue", ec2.attach_network_interface, NetworkInterfaceId=first, InstanceId=node, DeviceIndex=1)
refused("delete in use", "InvalidNetworkInterface.InUse", ec2.delete_network_interface, NetworkInterfaceId=eni)
ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, Attachment={"AttachmentId": attachment, "DeleteOnTermination": True})
ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, SourceDestCheck={"Value": False})
ec2.attach_network_interface(NetworkInterfaceId=first, InstanceId=node, DeviceIndex=2)
third = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
refused("a fourth interface", "AttachmentLimitExceeded", ec2.attach_network_interface, NetworkInterfaceId=third, InstanceId=node, DeviceIndex=3)
big = ec2.create_network_interface(SubnetId=subnet, SecondaryPrivateIpAddressCount=20)["NetworkInterface"]["NetworkInterfaceId"]
refused("too many addresses to attach", "InvalidInterface.IpAddressLimitExceeded", ec2.attach_network_interface, NetworkInterfaceId=big, InstanceId=other, DeviceIndex=1)
ec2.delete_network_interface(NetworkInterfaceId=big)


def found(**pairs):
    return sorted(i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces(Filters=filters(**pairs))["NetworkInterfaces"])


check("by instance and status", sorted(
    i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces(Filters=[
        {"Name": "attachment.instance-id", "Values": [node]}, {"Name": "attachment.status", "Values": ["attached"]}])["NetworkInterfaces"]),
    sorted([primary["NetworkInterfaceId"], eni, first]))
check("by tag", found(tag__cluster=["c1"]), [eni])
check("by wildcard", found(description=["po*"]), [eni])
check("available ones of the subnet", found(status=["available"], subnet_id=[subnet]), [third])
check("by address", sorted(i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces(Filters=[
    {"Name": "addresses.private-ip-address", "Values": [created["PrivateIpAddresses"][2]["PrivateIpAddress"]]}])["NetworkInterfaces"]), [eni])
refused("unknown filter", "InvalidParameterValue", ec2.describe_network_interfaces, Filters=filters(colour=["red"]))
refused("unknown interface", "InvalidNetworkInterfaceID.NotFound", ec2.describe_network_interfaces, NetworkInterfaceIds=["eni-0123456789abcdef0"])
pages = [i["NetworkInterfaceId"] for page in ec2.get_paginator("describe_network_interfaces").paginate(PaginationConfig={"PageSize": 5}) for i in page["NetworkInterfaces"]]
check("pages list everything once", sorted(pages), sorted(i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces()["NetworkInterfaces"]))

# Addresses and prefixes.
assigned = ec2.assign_private_ip_addresses(NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=6)["AssignedPrivateIpAddresses"]
check("only the new addresses are answered", len(assigned), 6)
refused("an eleventh address", "PrivateIpAddressLimitExceeded", ec2.assign_private_ip_addresses, NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=1)
moved = assigned[0]["PrivateIpAddress"]
refused("taken address", "InvalidIPAddress.InUse", ec2.assign_private_ip_addresses, NetworkInterfaceId=first, PrivateIpAddresses=[moved])
ec2.assign_private_ip_addresses(NetworkInterfaceId=first, PrivateIpAddresses=[moved], AllowReassignment=True)
check("one owner after reassignment", [i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces(Filters=[
    {"Name": "addresses.private-ip-address", "Values": [moved]}])["NetworkInterfaces"]], [first])
refused("outside the subnet", "InvalidParameterValue", ec2.assign_private_ip_addresses, NetworkInterfaceId=first, PrivateIpAddresses=["10.99.0.9"])
refused("reserved address", "InvalidParameterValue", ec2.assign_private_ip_addresses, NetworkInterfaceId=first, PrivateIpAddresses=["10.20.0.1"])
refused("primary address", "InvalidParameterValue", ec2.unassign_private_ip_addresses, NetworkInterfaceId=eni, PrivateIpAddresses=[created["PrivateIpAddress"]])
ec2.unassign_private_ip_addresses(NetworkInterfaceId=eni, PrivateIpAddresses=[a["PrivateIpAddress"] for a in assigned[1:]])
before = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"]
prefix = ec2.assign_private_ip_addresses(NetworkInterfaceId=eni, Ipv4PrefixCount=1)["AssignedIpv4Prefixes"][0]["Ipv4Prefix"]
check("a prefix is a /28", prefix.split("/")[1], "28")
check("a prefix takes 16 addresses", before - ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"], 16)
ec2.unassign_private_ip_addresses(NetworkInterfaceId=eni, Ipv4Prefixes=[prefix])
refused("prefix on a Xen instance", "UnsupportedOperation", ec2.assign_private_ip_addresses, Ipv4PrefixCount=1,
        NetworkInterfaceId=ec2.describe_instances(InstanceIds=[old])["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"])
six = ec2.assign_ipv6_addresses(NetworkInterfaceId=eni, Ipv6AddressCount=2)["AssignedIpv6Addresses"]
check("unassigned IPv6", ec2.unassign_ipv6_addresses(NetworkInterfaceId=eni, Ipv6Addresses=six)["UnassignedIpv6Addresses"], six)
check("an IPv6 prefix is a /80", ec2.assign_ipv6_addresses(NetworkInterfaceId=eni, Ipv6PrefixCount=1)["AssignedIpv6Prefixes"][0].split("/")[1], "80")
refused("no IPv6 in the subnet", "InvalidParameterValue", ec2.assign_ipv6_addresses, Ipv6AddressCount=1,
        NetworkInterfaceId=found(subnet_id=[elsewhere])[0])

# Exhaustion: a /28 holds eleven, and no /28 prefix.
refused("no prefix in a /28", "InvalidParameterValue", ec2.create_network_interface, SubnetId=tiny, Ipv4PrefixCount=1)
filled = [ec2.create_network_interface(SubnetId=tiny)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(11)]
refused("a twelfth interface", "InsufficientFreeAddressesInSubnet", ec2.create_network_interface, SubnetId=tiny)
reservation = ec2.create_subnet_cidr_reservation(SubnetId=elsewhere, Cidr="10.20.2.128/25", ReservationType="prefix")["SubnetCidrReservation"]
check("reservations", [r["Cidr"] for r in ec2.get_subnet_cidr_reservations(SubnetId=elsewhere)["SubnetIpv4CidrReservations"]], ["10.20.2.128/25"])
reserved = ec2.create_network_interface(SubnetId=elsewhere, Ipv4PrefixCount=1)["NetworkInterface"]
check("a prefix comes from the reservation", reserved["Ipv4Prefixes"][0]["Ipv4Prefix"], "10.20.2.128/28")
ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation["SubnetCidrReservationId"])

# Tags.
ec2.create_tags(Resources=[eni, node], Tags=[{"Key": "owner", "Value": "<me> & \"you\""}])
check("tags come back", {t["Key"]: t["Value"] for t in ec2.describe_tags(Filters=filters(resource_id=[eni]))["Tags"]},
      {"cluster": "c1", "owner": "<me> & \"you\""})
ec2.delete_tags(Resources=[eni], Tags=[{"Key": "owner"}])
check("a tag goes", [t["Key"] for t in ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]["TagSet"]], ["cluster"])

# What is missing, and what does not exist.
for what, code, call, parameters in (
        ("subnet", "InvalidSubnetID.NotFound", ec2.create_network_interface, {"SubnetId": "subnet-0123456789abcdef0"}),
        ("instance", "InvalidInstanceID.NotFound", ec2.attach_network_interface, {"NetworkInterfaceId": third, "InstanceId": "i-0123456789abcdef0", "DeviceIndex": 1}),
        ("attachment", "InvalidAttachmentID.NotFound", ec2.detach_network_interface, {"AttachmentId": "eni-attach-0123456789abcdef0"}),
        ("group", "InvalidGroup.NotFound", ec2.create_network_interface, {"SubnetId": subnet, "Groups": ["sg-0123456789abcdef0"]}),
        ("malformed id", "InvalidNetworkInterfaceID.Malformed", ec2.delete_network_interface, {"NetworkInterfaceId": "eni-xyz"})):
    refused(what, code, call, **parameters)
refused("primary interface", "OperationNotPermitted", ec2.detach_network_interface, AttachmentId=primary["Attachment"]["AttachmentId"])
refused("unmodelled operation", "InvalidAction", ec2.describe_nat_gateways)

# The end of everything, in an order that works.
refused("subnet in use", "DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
refused("group in use", "DependencyViolation", ec2.delete_security_group, GroupId=group)
refused("VPC in use", "DependencyViolation", ec2.delete_vpc, VpcId=vpc)
ec2.terminate_instances(InstanceIds=[node, other, old])
ec2.get_waiter("instance_terminated").wait(InstanceIds=[node, other, old], WaiterConfig={"Delay": 1, "MaxAttempts": 30})
refused("an interface dies with its instance", "InvalidNetworkInterfaceID.NotFound", ec2.describe_network_interfaces, NetworkInterfaceIds=[eni])
check("one without DeleteOnTermination stays", ec2.describe_network_interfaces(NetworkInterfaceIds=[first])["NetworkInterfaces"][0]["Status"], "available")
for left in found(vpc_id=[vpc]):
    ec2.delete_network_interface(NetworkInterfaceId=left)
for gone in (subnet, tiny, elsewhere):
    ec2.delete_subnet(SubnetId=gone)
ec2.delete_security_group(GroupId=group)
ec2.delete_vpc(VpcId=vpc)

# The wire itself.
for what, url, expected in (("no credentials", "/?Action=DescribeVpcs&Version=2016-11-15", "MissingAuthenticationToken"),):
    try:
        urllib.request.urlopen(ENDPOINT + url)
        check(what, "no error", expected)
    except urllib.error.HTTPError as e:
        check(what, ET.fromstring(e.read()).find("Errors/Error/Code").text, expected)
wrong = session.client("ec2", endpoint_url=ENDPOINT, region_name="ap-southeast-2", config=Config(retries={"max_attempts": 0}))
refused("another region's credential", "AuthFailure", wrong.describe_vpcs)

# The command line, if there is one.
cli = os.path.join(os.path.dirname(sys.executable), "aws")
if os.path.exists(cli):
    environment = dict(os.environ, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_DEFAULT_REGION=REGION, AWS_ENDPOINT_URL=ENDPOINT, AWS_PAGER="")

    def aws(*arguments):
        done = subprocess.run([cli, "--output", "json", *arguments], env=environment, capture_output=True, text=True, timeout=120)
        return json.loads(done.stdout or "{}") if done.returncode == 0 else done.stderr

    check("aws sts", aws("sts", "get-caller-identity")["Account"].isdigit(), True)
    made = aws("ec2", "create-vpc", "--cidr-block", "10.30.0.0/16")["Vpc"]["VpcId"]
    check("aws describe-vpcs", [v["VpcId"] for v in aws("ec2", "describe-vpcs", "--filters", "Name=cidr,Values=10.30.0.0/16")["Vpcs"]], [made])
    check("aws error", "(InvalidSubnetID.NotFound)" in aws("ec2", "create-network-interface", "--subnet-id", "subnet-0123456789abcdef0"), True)
    aws("ec2", "delete-vpc", "--vpc-id", made)
else:
    print("skipped: no aws command line beside " + sys.executable)

print(f"{checks} checks, {len(failures)} failures")
for failure in failures:
    print("FAILED " + failure)
sys.exit(1 if failures else 0)
