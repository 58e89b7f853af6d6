package io.portolan.node.install;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is to be done with a node's CNI configurations. */
sealed interface InstallPlan {
  /**
   * Nothing may be done.
   *
   * @param reason for people, with the way out
   */
  record Refused(String reason) implements InstallPlan {}

  /**
   * The configuration is put, or is there already.
   *
   * @param write whether it has to be written
   * @param stale files of this installation under earlier names, to be deleted
   * @param preferred somebody else's file that the runtime takes instead
   */
  record Put(boolean write, List<String> stale, Optional<String> preferred) implements InstallPlan {
    public Put {
      stale = List.copyOf(stale);
    }
  }

  /**
   * @param found what is there, in the runtime's order
   * @param wanted what is to be there
   */
  static InstallPlan of(List<ConfigFile> found, ConfigFile wanted, Installation installation) {
    boolean write = true;
    List<String> stale = new ArrayList<>();
    Optional<String> preferred = Optional.empty();
    for (ConfigFile file : found) {
      boolean sameName = file.name().equals(wanted.name());
      boolean marked = file.installation().equals(Optional.of(installation.toString()));
      if (!file.ours() && sameName) {
        return new Refused(
            file.name() + " is another plugin's configuration; choose another file name");
      }
      if (file.ours() && file.installation().isPresent() && !marked) {
        return new Refused(
            "this node belongs to the installation "
                + file.installation().get()
                + ", which put "
                + file.name()
                + "; uninstall that one, or delete the file if it is gone already");
      }
      if (file.ours() && !marked && !sameName) {
        return new Refused(
            file.name() + " runs " + ConfigFile.PLUGIN + ", too, and was put by hand; delete it");
      }
      if (sameName) {
        write = !file.content().equals(wanted.content());
      } else if (marked && file.ours()) {
        stale.add(file.name());
      } else if (preferred.isEmpty() && file.name().compareTo(wanted.name()) < 0) {
        preferred = Optional.of(file.name());
      }
    }
    return new Put(write, stale, preferred);
  }
}
