import type { AmqpReceiver, AmqpSender } from '../amqp/rhea.ts';

/**
 * Keeps rhea from answering a link's attach, which it would do by itself, until the returned function is called.
 * Relies on members that rhea does not document.
 */
export function holdAttach(link: AmqpSender | AmqpReceiver): () => void {
  link._process = () => {};
  return () => {
    delete link._process;
    link.connection._register();
  };
}
