package io.portolan.aws;

import io.portolan.common.net.ListenAddress;
import io.portolan.common.options.ApiServerOptions;
import io.portolan.common.options.ListenAddressConverter;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an administrator may say to the controller. */
final class AwsVpcOptions {
  @Option(
      names = "--cluster-name",
      required = true,
      paramLabel = "NAME",
      defaultValue = "${env:PORTOLAN_CLUSTER_NAME}",
      description = {
        "Name of this cluster, unique in the account. Written to the tag portolan.io/cluster of"
            + " every ENI; only ENIs with this tag are ever detached or deleted.",
        "Environment: PORTOLAN_CLUSTER_NAME."
      })
  String clusterName = "";

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description =
          "AWS region, such as eu-central-1. Default: AWS_REGION, the AWS profile, or the"
              + " instance's metadata.")
  Optional<String> region = Optional.empty();

  @Option(
      names = "--ec2-endpoint",
      paramLabel = "URL",
      description =
          "Instead of the region's public EC2 endpoint: an interface VPC endpoint or a simulator.")
  Optional<URI> ec2Endpoint = Optional.empty();

  @Mixin ApiServerOptions api = new ApiServerOptions();

  @Option(
      names = "--leader-election",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Act only while holding the lease. Switch off only where there is certainly no second"
              + " process. Default: ${DEFAULT-VALUE}.")
  boolean leaderElection = true;

  @Option(
      names = "--lease",
      paramLabel = "NAMESPACE/NAME",
      defaultValue = "kube-system/portolan-aws-vpc",
      description = "The Lease of the election. Default: ${DEFAULT-VALUE}.")
  String lease = "";

  @Option(
      names = "--metrics-address",
      paramLabel = "HOST:PORT",
      defaultValue = "0.0.0.0:9461",
      converter = ListenAddressConverter.class,
      description = "Where /metrics, /healthz and /readyz are served. Default: ${DEFAULT-VALUE}.")
  ListenAddress metricsAddress = new ListenAddress("", 0);

  @Option(
      names = "--resync",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How often EC2 is read although nothing happened: finds what others changed."
              + " Default: ${DEFAULT-VALUE}.")
  int resyncSeconds = 60;

  @Option(
      names = "--orphan-grace",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How long an ENI of a node that is gone is left alone before it is deleted."
              + " Default: ${DEFAULT-VALUE}.")
  int orphanGraceSeconds = 300;

  @Option(
      names = "--dry-run",
      description =
          "Read everything once, print what would be done for each node and why, change nothing and"
              + " end.")
  boolean dryRun;

  /**
   * @throws IllegalArgumentException saying which option is wrong and what it takes
   */
  void validate() {
    if (!clusterName.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException(
          "--cluster-name '"
              + clusterName
              + "': use 1 to 100 letters, digits, dots, dashes and underscores");
    }
    if (!lease.matches("[a-z0-9-]+/[a-z0-9.-]+")) {
      throw new IllegalArgumentException("--lease '" + lease + "' is not NAMESPACE/NAME");
    }
    atLeast("--resync", resyncSeconds, 5);
    atLeast("--orphan-grace", orphanGraceSeconds, 10);
  }

  private static void atLeast(String option, int seconds, int least) {
    if (seconds < least) {
      throw new IllegalArgumentException(
          option + " must be at least " + least + " seconds, not " + seconds);
    }
  }

  String leaseNamespace() {
    return lease.substring(0, lease.indexOf('/'));
  }

  String leaseName() {
    return lease.substring(lease.indexOf('/') + 1);
  }

  Duration resync() {
    return Duration.ofSeconds(resyncSeconds);
  }

  Duration orphanGrace() {
    return Duration.ofSeconds(orphanGraceSeconds);
  }
}
