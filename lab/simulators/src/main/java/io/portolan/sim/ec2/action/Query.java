package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The parameters of one request, or the part of them under one name: {@code Filter.1.Value.2} is
 * {@code structs("Filter").get(0).list("Value").get(1)}.
 *
 * <p>Remembers what was read, so that a parameter nobody asked for can be refused: a misspelt
 * parameter must not pass as if it had been honoured.
 */
public final class Query {
  private final Map<String, String> parameters;
  private final String prefix;
  private final Set<String> read;

  private Query(Map<String, String> parameters, String prefix, Set<String> read) {
    this.parameters = parameters;
    this.prefix = prefix;
    this.read = read;
  }

  /**
   * @param parameters as sent, without {@code Action} and {@code Version}
   */
  public static Query of(Map<String, String> parameters) {
    return new Query(Map.copyOf(parameters), "", new TreeSet<>());
  }

  public Optional<String> text(String name) {
    String key = prefix + name;
    read.add(key);
    return Optional.ofNullable(parameters.get(key));
  }

  public String required(String name) {
    return text(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> Refusals.missing(prefix + name));
  }

  public Optional<ResourceId> id(String name, ResourceKind kind) {
    return text(name).map(value -> parseId(kind, value));
  }

  public ResourceId requiredId(String name, ResourceKind kind) {
    return parseId(kind, required(name));
  }

  public List<ResourceId> ids(String name, ResourceKind kind) {
    return list(name).stream().map(value -> parseId(kind, value)).toList();
  }

  public boolean flag(String name) {
    return optionalFlag(name).orElse(false);
  }

  public Optional<Boolean> optionalFlag(String name) {
    return text(name)
        .map(value ->
            switch (value) {
              case "true" -> true;
              case "false" -> false;
              default -> throw Refusals.invalid(prefix + name, value, "It must be a boolean.");
            });
  }

  public OptionalInt integer(String name, int min, int max) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    int number = parsed(name, value.get(), Integer::parseInt);
    if (number < min || number > max) {
      throw Refusals.invalid(
          prefix + name, value.get(), "It must be between " + min + " and " + max + ".");
    }
    return OptionalInt.of(number);
  }

  public Optional<Cidr> cidr(String name) {
    return text(name).map(value -> parsed(name, value, Cidr::parseMasking));
  }

  public Optional<IpAddress> address(String name) {
    return text(name).map(value -> parsed(name, value, IpAddress::parse));
  }

  public List<IpAddress> addresses(String name) {
    return list(name).stream().map(value -> parsed(name, value, IpAddress::parse)).toList();
  }

  public List<Cidr> cidrs(String name) {
    return list(name).stream().map(value -> parsed(name, value, Cidr::parse)).toList();
  }

  /** The values {@code name.1}, {@code name.2} and so on, by number. */
  public List<String> list(String name) {
    List<String> values = new ArrayList<>();
    for (int number : numbers(name)) {
      text(name + "." + number).ifPresent(values::add);
    }
    return values;
  }

  /** The groups of parameters under {@code name.1}, {@code name.2} and so on, by number. */
  public List<Query> structs(String name) {
    return numbers(name).stream().map(number -> struct(name + "." + number)).toList();
  }

  /** The parameters under {@code name}. */
  public Query struct(String name) {
    return new Query(parameters, prefix + name + ".", read);
  }

  /** Whether the parameter, or one under it, was sent. */
  public boolean has(String name) {
    String key = prefix + name;
    return parameters.keySet().stream().anyMatch(k -> k.equals(key) || k.startsWith(key + "."));
  }

  /** Takes note of parameters that EC2 knows and this simulator gives no effect to. */
  public void accept(String... names) {
    for (String name : names) {
      String key = prefix + name;
      parameters.keySet().stream()
          .filter(k -> k.equals(key) || k.startsWith(key + "."))
          .forEach(read::add);
    }
  }

  /** Refuses the request if it has a parameter that was neither read nor accepted. */
  public void refuseUnknown() {
    new TreeSet<>(parameters.keySet())
        .stream()
            .filter(key -> !read.contains(key))
            .findFirst()
            .ifPresent(key -> {
              throw new Ec2Error("UnknownParameter", "The parameter " + key + " is not recognized")
                  .refusal();
            });
  }

  /** All parameters but {@code except}, in order: two requests with the same text are the same. */
  public String fingerprint(String... except) {
    StringBuilder text = new StringBuilder();
    for (String key : new TreeSet<>(parameters.keySet())) {
      if (!List.of(except).contains(key)) {
        text.append(key).append('=').append(parameters.get(key)).append('\n');
      }
    }
    return text.toString();
  }

  private SortedSet<Integer> numbers(String name) {
    SortedSet<Integer> numbers = new TreeSet<>();
    String start = prefix + name + ".";
    for (String key : parameters.keySet()) {
      if (key.startsWith(start)) {
        String rest = key.substring(start.length());
        String digits = rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
        if (digits.matches("[1-9][0-9]{0,4}")) {
          numbers.add(Integer.parseInt(digits));
        }
      }
    }
    return numbers;
  }

  private static ResourceId parseId(ResourceKind kind, String text) {
    return ResourceId.parse(kind, text).orElseThrow(() -> Refusals.malformedId(kind, text));
  }

  private <T> T parsed(String name, String value, Function<String, T> parser) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid(prefix + name, value, String.valueOf(e.getMessage()));
    }
  }
}
