variable "region" {
  description = "Region of everything here."
  type        = string
  default     = "eu-central-1"
}

variable "cluster_name" {
  description = "Name of the EKS cluster, and of the cluster in the tags of what Portolan makes; unique in the account."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name must have 1 to 100 letters, digits, '-' and '_', and begin with a letter or digit."
  }
}

variable "kubernetes_version" {
  description = "Version of the control plane."
  type        = string
  default     = "1.33"
}

variable "vpc_cidr" {
  description = "Block of the VPC; the first half is for nodes, the second for pods."
  type        = string
  default     = "10.0.0.0/16"
}

variable "zones" {
  description = "How many availability zones are used."
  type        = number
  default     = 2
}

variable "allocation" {
  description = "SECONDARY_IP: single addresses. PREFIX: /28 prefixes, for many pods per node."
  type        = string
  default     = "SECONDARY_IP"
  validation {
    condition     = contains(["SECONDARY_IP", "PREFIX"], var.allocation)
    error_message = "allocation must be SECONDARY_IP or PREFIX."
  }
}

variable "instance_type" {
  description = "Type of the nodes; its limits of ENIs and addresses bound the pods of a node."
  type        = string
  default     = "m6i.large"
}

variable "nodes" {
  description = "How many nodes there are."
  type        = number
  default     = 3
}
