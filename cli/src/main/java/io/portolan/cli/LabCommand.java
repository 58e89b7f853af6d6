package io.portolan.cli;

import io.portolan.lab.control.ControlClient;
import io.portolan.lab.control.LabDirectory;
import io.portolan.lab.report.LabReport;
import io.portolan.lab.report.ReportText;
import io.portolan.lab.scenario.CalicoVariant;
import io.portolan.lab.scenario.ChurnOptions;
import io.portolan.lab.scenario.Lab;
import io.portolan.lab.scenario.LabOptions;
import io.portolan.lab.scenario.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code portolan lab …}: whole clusters on this machine. */
@Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    header = "A whole cluster on this machine, without a cloud account.",
    description = {
      "",
      "Simulated cloud, network namespaces as nodes and pods, the real controller and node agents,"
          + " real packets. Needs neither a container engine nor root."
    },
    subcommands = {
      LabCommand.Aws.class,
      LabCommand.AwsChurnCommand.class,
      LabCommand.CalicoVxlan.class,
      LabCommand.CalicoCrossSubnet.class,
      LabCommand.CalicoNone.class,
      LabCommand.CalicoBgp.class,
      LabPolicyCommand.class,
      LabCommand.Exec.class,
      LabCommand.Down.class,
      LabCommand.Running.class
    },
    synopsisSubcommandLabel = "SCENARIO|COMMAND")
final class LabCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A scenario is missing; there is: aws, aws-churn, calico-vxlan, calico-cross-subnet,"
            + " calico-none, calico-bgp, policy.");
  }

  /** How results are printed. */
  enum Output {
    text,
    json
  }

  /** {@code portolan lab aws}. */
  @Command(
      name = "aws",
      mixinStandardHelpOptions = true,
      header = "Pods with ENI addresses and NetworkPolicy on a simulated EC2.",
      description = {
        "",
        "3 nodes (m5.large) in 2 subnets, 40 pods; every pod connects to every other and the"
            + " answers are compared with the policies."
      },
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class Aws implements Callable<Integer> {
    @Option(
        names = {"-o", "--output"},
        defaultValue = "text",
        paramLabel = "FORMAT",
        description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output = Output.text;

    @Option(
        names = "--keep",
        description =
            "Stay up after the checks, for `portolan lab exec`, until `portolan lab down` or"
                + " Ctrl-C.")
    private boolean keep;

    @Option(
        names = "--seed",
        defaultValue = "1",
        description = "Replays a run's random choices (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws Exception {
      Progress progress = new Progress(System.err);
      LabReport report = Lab.aws(new LabOptions(seed, keep), progress, this::print);
      return report.holds() ? 0 : 1;
    }

    private void print(LabReport report) {
      LabCommand.print(report, output);
    }
  }

  /** {@code portolan lab aws-churn}. */
  @Command(
      name = "aws-churn",
      mixinStandardHelpOptions = true,
      header = "Pods come and go while controller and agents are killed.",
      description = {
        "",
        "On a simulated EC2, at any moment: no address on two pods, none lost, no ENI leaked,"
            + " connections of untouched pods unbroken."
      },
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class AwsChurnCommand implements Callable<Integer> {
    @Option(
        names = {"-o", "--output"},
        defaultValue = "text",
        paramLabel = "FORMAT",
        description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output = Output.text;

    @Option(
        names = "--pods",
        defaultValue = "200",
        description = "Pods to start in all (default: ${DEFAULT-VALUE}).")
    private int pods;

    @Option(
        names = "--kills",
        defaultValue = "50",
        description = "Kills of a component (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Option(
        names = "--seed",
        defaultValue = "1",
        description =
            "Of the choices what is started, stopped and killed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
      if (pods < 1 || kills < 0) {
        throw new ParameterException(
            spec.commandLine(), "--pods is at least 1 and --kills at least 0");
      }
      LabReport report =
          Lab.awsChurn(new ChurnOptions(seed, pods, kills), new Progress(System.err));
      print(report, output);
      return report.holds() ? 0 : 1;
    }
  }

  /** What the Calico scenarios have in common. */
  abstract static class Calico implements Callable<Integer> {
    @Option(
        names = {"-o", "--output"},
        defaultValue = "text",
        paramLabel = "FORMAT",
        description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output = Output.text;

    @Option(
        names = "--keep",
        description =
            "Stay up after the checks, for `portolan lab exec`, until `portolan lab down` or"
                + " Ctrl-C.")
    private boolean keep;

    private final CalicoVariant variant;

    Calico(CalicoVariant variant) {
      this.variant = variant;
    }

    @Override
    public Integer call() throws Exception {
      LabReport report =
          Lab.calico(
              variant,
              new LabOptions(1, keep),
              new Progress(System.err),
              made -> LabCommand.print(made, output));
      return report.holds() ? 0 : 1;
    }
  }

  /** {@code portolan lab calico-vxlan}. */
  @Command(
      name = "calico-vxlan",
      mixinStandardHelpOptions = true,
      header = "Pods with addresses of Calico's blocks, VXLAN between all nodes.",
      description = {
        "",
        "4 nodes in 2 subnets, 60 pods; every pod connects to every other and the answers are"
            + " compared with the policies."
      },
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class CalicoVxlan extends Calico {
    CalicoVxlan() {
      super(CalicoVariant.VXLAN);
    }
  }

  /** {@code portolan lab calico-cross-subnet}. */
  @Command(
      name = "calico-cross-subnet",
      mixinStandardHelpOptions = true,
      header = "The same with VXLAN to nodes of other subnets only.",
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class CalicoCrossSubnet extends Calico {
    CalicoCrossSubnet() {
      super(CalicoVariant.CROSS_SUBNET);
    }
  }

  /** {@code portolan lab calico-none}. */
  @Command(
      name = "calico-none",
      mixinStandardHelpOptions = true,
      header = "The same without tunnels, on a network that routes the blocks.",
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class CalicoNone extends Calico {
    CalicoNone() {
      super(CalicoVariant.NONE);
    }
  }

  /** {@code portolan lab calico-bgp}. */
  @Command(
      name = "calico-bgp",
      mixinStandardHelpOptions = true,
      header = "The same without tunnels, on a network that learns the blocks by BGP.",
      description = {
        "",
        "Needs BIRD 2 (Debian and Ubuntu: package bird2): one on each node, and one as the router"
            + " between the subnets."
      },
      footer = {"", "Exit code 1 if anything was not as expected."})
  static final class CalicoBgp extends Calico {
    CalicoBgp() {
      super(CalicoVariant.BGP);
    }
  }

  private static void print(LabReport report, Output output) {
    System.out.println(output == Output.json ? ReportText.json(report) : ReportText.table(report));
    System.out.flush();
  }

  /** {@code portolan lab exec}. */
  @Command(
      name = "exec",
      mixinStandardHelpOptions = true,
      description = "Runs a command in the network namespace of a pod or node of a running lab.")
  static final class Exec implements Callable<Integer> {
    @Parameters(
        index = "0",
        paramLabel = "POD",
        description = "namespace/name of a pod, or a node's name.")
    private String target = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "CMD",
        description = "After `--`: the command.")
    private List<String> command = List.of();

    @Override
    public Integer call() throws IOException {
      return ControlClient.exec(
          lab(null).socket(), target, command, System.in, System.out, System.err);
    }
  }

  /** {@code portolan lab down}. */
  @Command(
      name = "down",
      mixinStandardHelpOptions = true,
      description = "Ends a running lab, and clears away what a killed one left.")
  static final class Down implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "NAME",
        description = "Which lab; needed if several run.")
    private @Nullable String name;

    @Override
    public Integer call() throws IOException, InterruptedException {
      List<String> swept = LabDirectory.sweep(LabDirectory.root());
      swept.forEach(lab -> System.out.println("removed what a killed lab '" + lab + "' left"));
      if (name == null && LabDirectory.running(LabDirectory.root()).isEmpty()) {
        System.out.println("no lab is running");
        return 0;
      }
      LabDirectory.Running lab = lab(name);
      ControlClient.down(lab.socket());
      Path directory = LabDirectory.root().resolve(lab.name());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (Files.exists(directory)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "lab '"
                  + lab.name()
                  + "' has not ended within "
                  + PATIENCE.toSeconds()
                  + " s; its logs are in "
                  + directory);
        }
        Thread.sleep(50);
      }
      System.out.println("lab '" + lab.name() + "' is down");
      return 0;
    }
  }

  /** {@code portolan lab list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Names the labs that run now.")
  static final class Running implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
      for (LabDirectory.Running lab : LabDirectory.running(LabDirectory.root())) {
        System.out.println(lab.name());
      }
      return 0;
    }
  }

  private static LabDirectory.Running lab(@Nullable String name) throws IOException {
    List<LabDirectory.Running> labs = LabDirectory.running(LabDirectory.root());
    if (name != null) {
      return labs.stream()
          .filter(lab -> lab.name().equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no lab '" + name + "' is running"));
    }
    return switch (labs.size()) {
      case 0 ->
          throw new IllegalStateException(
              "no lab is running; start one with ./portolan lab aws --keep");
      case 1 -> labs.getFirst();
      default ->
          throw new IllegalStateException("several labs run; name one: ./portolan lab down NAME");
    };
  }
}
