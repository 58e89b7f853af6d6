output "values" {
  description = "Values of the chart: terraform output -raw values > values.yaml; helm install portolan ... -f values.yaml"
  value = yamlencode({
    mode        = "AWS"
    clusterName = var.cluster_name
    # Before kube-proxy runs, the Service of the API server leads nowhere.
    apiServer  = { host = replace(aws_eks_cluster.this.endpoint, "https://", ""), port = 443 }
    controller = { aws = { region = var.region } }
    profiles = {
      default = {
        ipam = "AWS"
        aws  = { allocation = var.allocation, subnetTags = { "kubernetes.io/role/pods" = "1" } }
        pool = { reserve = 2 }
      }
    }
  })
}

output "kubeconfig" {
  description = "How kubectl and helm get to know the cluster."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${aws_eks_cluster.this.name}"
}
