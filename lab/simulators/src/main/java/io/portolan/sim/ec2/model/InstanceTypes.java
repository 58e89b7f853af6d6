package io.portolan.sim.ec2.model;

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
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The instance types that can be launched. */
public final class InstanceTypes {
  private static final InstanceTypes BUNDLED = load();

  private final SortedMap<String, InstanceType> byName;

  private InstanceTypes(Collection<InstanceType> types) {
    SortedMap<String, InstanceType> sorted = new TreeMap<>();
    types.forEach(type -> sorted.put(type.name(), type));
    byName = Collections.unmodifiableSortedMap(sorted);
  }

  /** The table generated from public records; its source and date are in the resource's header. */
  public static InstanceTypes bundled() {
    return BUNDLED;
  }

  /** This table and {@code others}, which replace types of the same name. */
  public InstanceTypes and(InstanceType... others) {
    List<InstanceType> all = new ArrayList<>(byName.values());
    all.addAll(Arrays.asList(others));
    return new InstanceTypes(all);
  }

  public Optional<InstanceType> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The type of an instance that was launched from this table. */
  public InstanceType of(Instance instance) {
    return Objects.requireNonNull(
        byName.get(instance.type()), () -> "no instance type " + instance.type());
  }

  /** All types, by name. */
  public Collection<InstanceType> all() {
    return byName.values();
  }

  private static InstanceTypes load() {
    String resource = "instance-types.csv";
    try (InputStream in =
            Objects.requireNonNull(
                InstanceTypes.class.getResourceAsStream(resource), "missing " + resource);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return new InstanceTypes(
          reader
              .lines()
              .filter(line -> !line.startsWith("#") && !line.startsWith("type,"))
              .map(InstanceTypes::parse)
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InstanceType parse(String line) {
    String[] f = line.split(",", -1);
    return new InstanceType(
        f[0],
        f[1],
        f[2],
        Integer.parseInt(f[3]),
        Integer.parseInt(f[4]),
        Integer.parseInt(f[5]),
        Integer.parseInt(f[6]),
        Integer.parseInt(f[7]),
        Arrays.stream(f[8].split("\\+")).map(Integer::valueOf).toList());
  }
}
