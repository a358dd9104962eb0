"""The epochs of a tagger's training."""

import time
from typing import Any

import torch

from tagasc.runtime.device import device_name
from tagasc.tagger.batches import Batches
from tagasc.tagger.learning_rate import CosineRestarts
from tagasc.tagger.loss import MultiTaskLoss
from tagasc.tagger.network import TwoHeadedResNet
from tagasc.training.divergence import LossCheck
from tagasc.training.optimizer import Adam


class Trainer:
    """Trainer of one network, epoch by epoch."""

    def __init__(
        self,
        network: TwoHeadedResNet,
        batches: Batches,
        loss: MultiTaskLoss,
        optimizer: Adam,
        schedule: CosineRestarts,
        check_losses: LossCheck,
    ) -> None:
        self.network, self.batches, self.loss = network, batches, loss
        self.optimizer, self.schedule, self.check_losses = optimizer, schedule, check_losses

    def train_epoch(self, epoch: int) -> dict[str, Any]:
        """Train for one epoch, counted from 1, and return its row of the history.

        Raises
        ------
        InputError
            If the loss is not a finite number.
        """
        started = time.perf_counter()
        self.network.train()
        losses = []
        for step, batches in enumerate(self.batches.epoch(epoch), start=(epoch - 1) * len(self.batches)):
            self.optimizer.learning_rate = self.schedule.at(step)
            loss = self.loss(self.network, batches)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach())
        # On the GPU until here, because reading each loss would make the GPU wait for the CPU.
        mean_loss = float(sum(losses)) / len(losses)
        self.check_losses(torch.stack(losses).cpu().numpy(), epoch, self.schedule.high)
        return {
            "epoch": epoch,
            "loss": mean_loss,
            "learning_rate": self.optimizer.learning_rate,
            "seconds": round(time.perf_counter() - started, 3),
            "device": device_name(next(self.network.parameters()).device),
            "precision": self.network.precision,
        }
