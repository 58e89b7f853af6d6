package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Catalog;
import io.portolan.aws.ec2.Ec2Connection;
import io.portolan.aws.ec2.SdkEc2Api;
import io.portolan.aws.layout.EniPlacement;
import io.portolan.aws.limits.InstanceLimitsTable;
import io.portolan.aws.limits.InstanceTypeCatalog;
import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.controller.CloudController;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeConnectionException;
import io.portolan.common.leader.KubeLeaseStore;
import io.portolan.common.leader.LeaseStore;
import io.portolan.common.metrics.HealthServer;
import io.portolan.common.metrics.Meters;
import io.portolan.common.options.LoggingOptions;
import io.portolan.common.resilience.ApiBudget;
import io.portolan.common.resilience.GuardedCloudNetwork;
import io.portolan.common.resilience.Pause;
import io.portolan.common.runtime.ControllerMetrics;
import io.portolan.common.runtime.ControllerProcess;
import io.portolan.common.runtime.DryRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code portolan-aws-vpc}: the controller process. Wiring only, read top to bottom. */
@Command(
    name = "portolan-aws-vpc",
    mixinStandardHelpOptions = true,
    version = "portolan-aws-vpc 0.1.0",
    sortOptions = false,
    header = "Gives the pods of an AWS cluster addresses of its VPC.",
    description = {
      "",
      "Watches nodes and pods, assigns secondary addresses or /28 prefixes of ENIs as pods are"
          + " bound, creates and attaches ENIs when the present ones are full, gives back what"
          + " nobody needs, and publishes the result in one NodeNetwork for each node, which the"
          + " node agent reads. Needs the CRDs of portolan.io and a NetworkProfile with 'ipam:"
          + " AWS'.",
      "",
      "Options:"
    },
    footer = {
      "",
      "Credentials come from AWS's default chain: environment, web identity of the service account,"
          + " pod identity, instance profile. The permissions needed are listed in the"
          + " documentation; a missing one is named in the log and in the NodeNetwork's conditions."
          + " Unreachable or refusing EC2 is retried for as long as the process runs.",
      "",
      "Exit codes: 0 ended as asked, 1 could not start, 2 wrong arguments."
    },
    optionListHeading = "%n")
public final class AwsVpcMain implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(AwsVpcMain.class);
  private static final String COMPONENT = "portolan-aws-vpc";

  private final String identity = identity();

  @Spec private @Nullable CommandSpec spec;
  @Mixin private AwsVpcOptions options = new AwsVpcOptions();
  @Mixin private LoggingOptions logging = new LoggingOptions();

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new AwsVpcMain()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    logging.apply();
    try {
      options.validate();
      return options.dryRun ? dryRun() : run();
    } catch (IllegalArgumentException e) {
      err().println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    } catch (KubeConnectionException | IOException e) {
      err().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private Integer run() throws IOException, InterruptedException {
    InstantSource time = InstantSource.system();
    try (Meters meters = new Meters("aws-vpc");
        KubeClient kube = options.api.connect(COMPONENT);
        SdkEc2Api ec2 = SdkEc2Api.connect(connection());
        HealthServer health = HealthServer.start(options.metricsAddress.toSocketAddress(), meters);
        ControllerProcess process = follow(kube, network(ec2, time), meters, time)) {
      CountDownLatch ended = closeOnSignal(process);
      health.readiness("watches", process::problem);
      log.info(
          "cluster {}: EC2 at {}, health and metrics at {}",
          options.clusterName,
          options.ec2Endpoint.map(Object::toString).orElse("the region's public endpoint"),
          health.address());
      process.lead(lease(kube), identity);
      ended.await();
    }
    return CommandLine.ExitCode.OK;
  }

  private Integer dryRun() throws InterruptedException {
    InstantSource time = InstantSource.system();
    try (KubeClient kube = options.api.connect(COMPONENT);
        SdkEc2Api ec2 = SdkEc2Api.connect(connection())) {
      DryRun dryRun = new DryRun(kube, cloud(network(ec2, time)), time);
      Objects.requireNonNull(spec).commandLine().getOut().print(dryRun.report());
      spec.commandLine().getOut().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private Ec2Connection connection() {
    return new Ec2Connection(options.region, options.ec2Endpoint, Ec2Connection.ATTEMPT_TIMEOUT);
  }

  private AwsCloudNetwork network(SdkEc2Api ec2, InstantSource time) {
    return new AwsCloudNetwork(
        ec2,
        new InstanceTypeCatalog(ec2, InstanceLimitsTable.bundled(), time),
        options.clusterName,
        time);
  }

  private ControllerProcess follow(
      KubeClient kube, CloudNetwork network, Meters meters, InstantSource time) {
    ApiCatalog catalog = new Ec2Catalog();
    ApiBudget budget = new ApiBudget(catalog, time, Pause.REAL);
    ControllerMetrics metrics = new ControllerMetrics(meters, budget);
    CloudNetwork guarded =
        new GuardedCloudNetwork(
            network,
            catalog,
            budget,
            GuardedCloudNetwork.Settings.DEFAULT,
            metrics,
            time,
            Pause.REAL,
            RandomGenerator.getDefault());
    return ControllerProcess.follow(
        kube, cloud(guarded), metrics, new ControllerProcess.Reporter(COMPONENT, identity));
  }

  private ControllerProcess.Cloud cloud(CloudNetwork network) {
    CloudController.Settings defaults =
        CloudController.Settings.of("aws", NetworkProfileSpec.Ipam.AWS);
    return new ControllerProcess.Cloud(
        new CloudController.Settings(
            defaults.provider(),
            defaults.ipam(),
            defaults.workers(),
            options.resync(),
            options.orphanGrace(),
            defaults.shutdownGrace()),
        network,
        AwsCloudNetwork.CAPABILITIES,
        new EniPlacement(),
        AwsProviderId::instance);
  }

  private Optional<LeaseStore> lease(KubeClient kube) {
    return options.leaderElection
        ? Optional.of(new KubeLeaseStore(kube, options.leaseNamespace(), options.leaseName()))
        : Optional.empty();
  }

  /** Never that of an earlier process, or it could take its own predecessor's lease for its own. */
  private static String identity() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      host = COMPONENT;
    }
    return host + "_" + UUID.randomUUID();
  }

  /** On SIGTERM the hook ends the process in order; the JVM halts when it returns. */
  private static CountDownLatch closeOnSignal(ControllerProcess process) {
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  log.info("ending");
                  process.close();
                  ended.countDown();
                }));
    return ended;
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
