package io.portolan.cli.status;

import java.util.List;

/**
 * One of Portolan's programs.
 *
 * @param name of its Deployment or DaemonSet
 * @param pods how many there are
 * @param ready how many of them are ready
 * @param versions tags of their images; more than one while an update is under way
 */
public record ProgramStatus(String name, int pods, int ready, List<String> versions) {
  public ProgramStatus {
    versions = List.copyOf(versions);
  }
}
