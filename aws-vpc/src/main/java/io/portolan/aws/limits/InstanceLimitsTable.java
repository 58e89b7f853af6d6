package io.portolan.aws.limits;

import io.portolan.aws.ec2.Ec2InstanceType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The limits of instance types as a text file: one line for each type, comments with {@code #}.
 *
 * <pre>
 * type,ipv4PerEni,cardEnis,prefixes
 * m5.large,10,3,yes
 * c6in.32xlarge,50,8/8,yes
 * </pre>
 */
public final class InstanceLimitsTable {
  private static final String COLUMNS = "type,ipv4PerEni,cardEnis,prefixes";
  private static final String RESOURCE = "instance-limits.csv";

  /** What the columns mean and how to write the file anew; part of every table's header. */
  static final List<String> LEGEND =
      List.of(
          "cardEnis: the most ENIs of each network card, card 0 first, joined by '/'",
          "prefixes: whether ENIs may hold /28 prefixes (Nitro and bare metal)",
          "regenerate: java -cp 'aws-vpc.jar:lib/*' io.portolan.aws.limits.RegenerateLimits"
              + " --region us-east-1,eu-central-1 --output instance-limits.csv");

  private final SortedMap<String, Ec2InstanceType> types;

  private InstanceLimitsTable(SortedMap<String, Ec2InstanceType> types) {
    this.types = Collections.unmodifiableSortedMap(types);
  }

  /** The table that comes with the product. */
  public static InstanceLimitsTable bundled() {
    try (@Nullable InputStream in = InstanceLimitsTable.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the jar");
      }
      return parse(
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws IllegalArgumentException if a line is not of the form above; the message quotes it
   */
  public static InstanceLimitsTable parse(List<String> lines) {
    SortedMap<String, Ec2InstanceType> types = new TreeMap<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#") && !line.equals(COLUMNS)) {
        Ec2InstanceType type = parseLine(line);
        types.put(type.name(), type);
      }
    }
    return new InstanceLimitsTable(types);
  }

  private static Ec2InstanceType parseLine(String line) {
    String[] fields = line.split(",", -1);
    if (fields.length != 4) {
      throw new IllegalArgumentException("'" + line + "' does not have the fields " + COLUMNS);
    }
    try {
      return new Ec2InstanceType(
          fields[0],
          Integer.parseInt(fields[1]),
          Arrays.stream(fields[2].split("/")).map(Integer::valueOf).toList(),
          fields[3].equals("yes"));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + line + "' does not have the fields " + COLUMNS, e);
    }
  }

  /** The lines of a table of {@code types}, sorted by name; {@link #parse} is its inverse. */
  public static List<String> format(List<String> comments, Collection<Ec2InstanceType> types) {
    SortedMap<String, Ec2InstanceType> sorted = new TreeMap<>();
    types.forEach(type -> sorted.put(type.name(), type));
    List<String> lines = new ArrayList<>();
    comments.forEach(comment -> lines.add("# " + comment));
    lines.add(COLUMNS);
    for (Ec2InstanceType type : sorted.values()) {
      lines.add(
          String.join(
              ",",
              type.name(),
              Integer.toString(type.ipv4PerEni()),
              type.eniPerCard().stream().map(String::valueOf).collect(Collectors.joining("/")),
              type.prefixes() ? "yes" : "no"));
    }
    return List.copyOf(lines);
  }

  public Optional<Ec2InstanceType> find(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** Every type, sorted by name. */
  public Collection<Ec2InstanceType> all() {
    return types.values();
  }
}
