data "aws_availability_zones" "this" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.this.names, 0, var.zones)
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.cluster_name }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_subnet" "nodes" {
  for_each                = { for i, zone in local.zones : zone => i }
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, each.value)
  map_public_ip_on_launch = true
  tags                    = { Name = "${var.cluster_name}-nodes-${each.key}" }
}

resource "aws_route_table_association" "nodes" {
  for_each       = aws_subnet.nodes
  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

# New ENIs come from the subnets with this tag, in the node's zone: see the profile's subnetTags.
resource "aws_subnet" "pods" {
  for_each          = { for i, zone in local.zones : zone => i }
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, 8 + each.value)
  tags = {
    Name                      = "${var.cluster_name}-pods-${each.key}"
    "kubernetes.io/role/pods" = "1"
  }
}

resource "aws_route_table_association" "pods" {
  for_each       = aws_subnet.pods
  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

# A subnet whose free addresses lie scattered has no whole /28 left: this range is kept for prefixes.
resource "aws_ec2_subnet_cidr_reservation" "prefixes" {
  for_each         = var.allocation == "PREFIX" ? aws_subnet.pods : {}
  subnet_id        = each.value.id
  cidr_block       = cidrsubnet(each.value.cidr_block, 1, 1)
  reservation_type = "prefix"
  description      = "pods of ${var.cluster_name}"
}
