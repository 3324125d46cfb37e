import { type EpisodeHost, runEpisode } from '../episode/run-episode.ts';
import type { ClaimedEpisode, TaskHub } from '../store/task-hub.ts';
import type { WorkSource } from './work-dispatcher.ts';

/** Orchestrator episodes: one at a time for each instance, committed only by the one who still holds the lease. */
export function episodeSource(hub: TaskHub, host: EpisodeHost): WorkSource<ClaimedEpisode> {
  return {
    claim: (limit) => hub.claimEpisodes(limit),
    giveBack: (episode, delay) => hub.giveBack(episode, delay),
    async run(episode) {
      const end = await runEpisode(episode.work, host);
      if (end.kind === 'abandoned') return 'again';
      const committed = hub.commitEpisode(episode, end.kind === 'changed' ? end.changes : undefined);
      if (!committed) host.onRemark(episode.instanceId, 'an episode was not committed: its lease was lost');
      return 'done';
    },
  };
}
