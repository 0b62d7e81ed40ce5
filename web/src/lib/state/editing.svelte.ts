/** Which message is being edited, if any. */
class Editing {
  message = $state<string | null>(null);
}

export const editing = new Editing();
