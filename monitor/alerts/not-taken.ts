/** NotTaken: the receiver has not accepted a message; other errors of a delivery are those of the channel's settings. */
import { DeliveryFailure } from '../store/delivery-failure.ts'

export class NotTaken extends DeliveryFailure {}
