package io.portolan.aws.limits;

import io.portolan.aws.ec2.Ec2Connection;
import io.portolan.aws.ec2.Ec2InstanceType;
import io.portolan.aws.ec2.Ec2Reply;
import io.portolan.aws.ec2.Listing;
import io.portolan.aws.ec2.SdkEc2Api;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes {@code instance-limits.csv} anew from DescribeInstanceTypes of one or more regions. */
@Command(
    name = "regenerate-limits",
    mixinStandardHelpOptions = true,
    description =
        "Asks DescribeInstanceTypes of each region and writes the table of instance limits that"
            + " the controller falls back on.")
public final class RegenerateLimits implements Callable<Integer> {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Option(
      names = "--region",
      required = true,
      split = ",",
      paramLabel = "REGION",
      description = "Regions to ask, joined by commas; types differ between regions.")
  private List<String> regions = List.of();

  @Option(
      names = "--ec2-endpoint",
      paramLabel = "URL",
      description = "Instead of the public endpoint of the region.")
  private @Nullable URI endpoint;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "The file to write.")
  private @Nullable Path output;

  public static void main(String[] args) {
    System.exit(new CommandLine(new RegenerateLimits()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    SortedMap<String, Ec2InstanceType> types = new TreeMap<>();
    for (String region : regions) {
      Ec2Connection connection =
          new Ec2Connection(
              Optional.of(region), Optional.ofNullable(endpoint), Ec2Connection.ATTEMPT_TIMEOUT);
      try (SdkEc2Api ec2 = SdkEc2Api.connect(connection)) {
        switch (ec2.describeInstanceTypes(List.of())) {
          case Ec2Reply.Done<Listing<Ec2InstanceType>> done ->
              done.value().items().forEach(type -> types.put(type.name(), type));
          case Ec2Reply.Failed<Listing<Ec2InstanceType>> failed -> {
            // A table without one region's types would silently lose them.
            err.println(region + ": " + failed.error());
            return 1;
          }
        }
      }
    }
    Files.write(Objects.requireNonNull(output), lines(types.values()), StandardCharsets.UTF_8);
    return 0;
  }

  private List<String> lines(Collection<Ec2InstanceType> types) {
    List<String> comments = new ArrayList<>();
    comments.add("Network limits of EC2 instance types, for when the EC2 API cannot be asked.");
    comments.add("source: DescribeInstanceTypes of " + String.join(", ", regions));
    comments.add("date: " + LocalDate.now(ZoneOffset.UTC));
    comments.addAll(InstanceLimitsTable.LEGEND);
    return InstanceLimitsTable.format(comments, types);
  }
}
