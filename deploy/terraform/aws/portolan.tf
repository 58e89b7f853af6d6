# The only identity that may change ENIs; deploy/iam has what it needs and no more.
data "aws_iam_policy_document" "pod_identity" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "portolan" {
  name               = "${var.cluster_name}-portolan"
  assume_role_policy = data.aws_iam_policy_document.pod_identity.json
}

resource "aws_iam_role_policy" "portolan" {
  name   = "portolan"
  role   = aws_iam_role.portolan.id
  policy = file("${path.module}/../../iam/aws-vpc.json")
}

resource "aws_eks_pod_identity_association" "portolan" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = "kube-system"
  service_account = "portolan-aws-vpc"
  role_arn        = aws_iam_role.portolan.arn
}
